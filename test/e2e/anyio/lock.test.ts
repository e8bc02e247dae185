import { expect, test } from "vitest";
import type { Lock } from "../../../sdk/index.ts";
import { ALL_WAYS, WAYS_AT_WILL } from "../../support/anyio/giving_up.ts";
import { roundTrip, serverOfThisFile } from "../../support/anyio/test_server.ts";
import { watch } from "../../support/sdk/watched.ts";

const server = serverOfThisFile();
const locks = (): [Lock, Lock, Lock] => server.three((latchwork, name) => latchwork.lock(name));

test("[LK4] a lock that nobody has used is free, and has no owner and no line", async () => {
  const [ours] = locks();
  expect(await ours.statistics()).toEqual({ locked: false, owner: null, tasksWaiting: 0 });
});

test("[LK4] isLocked follows acquire and release, for every client", async () => {
  const [ours, theirs] = locks();
  expect(await theirs.isLocked()).toBe(false);
  const lease = await ours.acquire();
  expect(await theirs.isLocked()).toBe(true);
  await lease.release();
  expect(await theirs.isLocked()).toBe(false);
});

test("[LK1, LK2] await using holds the lock to the end of the block, and then another client has it", async () => {
  const [ours, theirs] = locks();
  const order: string[] = [];
  let entering: Promise<void>;
  {
    await using _lease = await ours.acquire();
    entering = theirs.run(() => void order.push("theirs"));
    await roundTrip(theirs);
    order.push("ours");
  }
  await entering;
  expect(order).toEqual(["ours", "theirs"]);
  expect(await ours.isLocked()).toBe(false);
});

test("[LK1, LK2] acquire and release by hand do the same", async () => {
  const [ours, theirs] = locks();
  const first = await ours.acquire();
  const waiting = watch(theirs.acquire());
  await roundTrip(theirs);
  expect(waiting.fate).toBe("pending");
  await first.release();
  const second = await waiting.promise;
  expect(second.token).toBeGreaterThan(first.token);
  await second.release();
  expect(await ours.isLocked()).toBe(false);
});

test("[LK1] tryAcquire takes a lock that is free", async () => {
  const [ours, theirs] = locks();
  const lease = await ours.tryAcquire();
  expect(await theirs.statistics()).toMatchObject({
    locked: true,
    owner: { client: "first", token: lease?.token },
  });
});

test("[LK1, W2] tryAcquire answers null while another client holds the lock", async () => {
  const [ours, theirs] = locks();
  const lease = await ours.acquire();
  expect(await theirs.tryAcquire()).toBeNull();
  expect(await theirs.statistics()).toMatchObject({ tasksWaiting: 0 });
  await lease.release();
  expect(await theirs.tryAcquire()).not.toBeNull();
});

test("[LK1] a second acquire of one handle waits for the first, and a tryAcquire answers null: neither is an error", async () => {
  const [ours] = locks();
  const first = await ours.acquire();
  const second = watch(ours.acquire());
  await roundTrip(ours);
  expect(second.fate).toBe("pending");
  expect(await ours.tryAcquire()).toBeNull();
  await first.release();
  expect((await second.promise).token).toBeGreaterThan(first.token);
});

test.each(ALL_WAYS)(
  "[LK3, W3] a waiter that gives up before the release never holds, and the next in line does: $how",
  async ({ prepare }) => {
    const [ours, theirs, others] = locks();
    const lease = await ours.acquire();
    await roundTrip(theirs);
    const { options, giveUp, error } = prepare(() => server.closeClientOf(theirs));
    const waiting = watch(theirs.acquire(options));
    await roundTrip(theirs);
    const next = watch(others.acquire());
    expect(await others.statistics()).toMatchObject({ tasksWaiting: 2 });
    await giveUp();
    await expect(waiting.promise).rejects.toMatchObject(error);
    expect(await ours.statistics()).toMatchObject({ tasksWaiting: 1, owner: { client: "first" } });
    await lease.release();
    await next.promise;
    expect(await ours.statistics()).toMatchObject({ tasksWaiting: 0, owner: { client: "third" } });
  },
);

test.each(WAYS_AT_WILL)(
  "[LK3, W3, W5] a release that crosses the waiter's giving up frees the lock: $how",
  async ({ prepare }) => {
    const [ours, theirs] = locks();
    const lease = await ours.acquire();
    const { options, giveUp, error } = prepare(() => server.closeClientOf(theirs));
    const waiting = watch(theirs.acquire(options));
    await roundTrip(theirs);
    await Promise.all([lease.release(), giveUp()]);
    await expect(waiting.promise).rejects.toMatchObject(error);
    expect(await ours.statistics()).toEqual({ locked: false, owner: null, tasksWaiting: 0 });
    expect(await ours.tryAcquire()).not.toBeNull();
  },
);

test.each(WAYS_AT_WILL)(
  "[W3, W5] when the first waiter gives up in the moment of the hand-over, the second has the lock: $how",
  async ({ prepare }) => {
    const [ours, theirs, others] = locks();
    const lease = await ours.acquire();
    const { options, giveUp, error } = prepare(() => server.closeClientOf(theirs));
    const first = watch(theirs.acquire(options));
    await roundTrip(theirs);
    const second = others.acquire();
    await roundTrip(others);
    await Promise.all([lease.release(), giveUp()]);
    await expect(first.promise).rejects.toMatchObject(error);
    const { token } = await second;
    expect(await ours.statistics()).toMatchObject({ owner: { token }, tasksWaiting: 0 });
  },
);

test("[LK4] statistics count who waits, and name who holds", async () => {
  const [ours, theirs, others] = locks();
  const lease = await ours.acquire();
  const owner = { client: "first", token: lease.token };
  expect(await ours.statistics()).toMatchObject({ locked: true, owner, tasksWaiting: 0 });
  const second = theirs.acquire();
  expect(await theirs.statistics()).toMatchObject({ locked: true, owner, tasksWaiting: 1 });
  const third = others.acquire();
  expect(await others.statistics()).toMatchObject({ locked: true, owner, tasksWaiting: 2 });
  await lease.release();
  await (await second).release();
  await (await third).release();
  expect(await ours.statistics()).toEqual({ locked: false, owner: null, tasksWaiting: 0 });
});

test("[LK2, LK4] the owner after a release is the waiter, in the same step", async () => {
  const [ours, theirs] = locks();
  const lease = await ours.acquire();
  const waiting = theirs.acquire();
  await roundTrip(theirs);
  void lease.release();
  expect(await ours.statistics()).toMatchObject({
    locked: true,
    owner: { client: "second" },
    tasksWaiting: 0,
  });
  await waiting;
});

test("[LE3] releasing twice is harmless, to the next holder too", async () => {
  const [ours, theirs] = locks();
  const first = await ours.acquire();
  await first.release();
  const second = await theirs.acquire();
  await first.release();
  expect(await ours.statistics()).toMatchObject({ owner: { token: second.token } });
  expect(second.signal.aborted).toBe(false);
});

test("[LE6, LK2] a holder that leaves without releasing frees the lock for whoever waits", async () => {
  const [ours, theirs] = locks();
  const lease = await ours.acquire();
  const waiting = theirs.acquire();
  await roundTrip(theirs);
  await server.closeClientOf(ours);
  expect(lease.signal.reason).toMatchObject({ code: "lease-lost", reason: "session-ended" });
  expect((await waiting).token).toBeGreaterThan(lease.token);
});

test("[LE6] when holder and waiter leave together nothing is left of them", async () => {
  const [ours, theirs, others] = locks();
  await ours.acquire();
  const waiting = watch(theirs.acquire());
  await roundTrip(theirs);
  await Promise.all([server.closeClientOf(ours), server.closeClientOf(theirs)]);
  await expect(waiting.promise).rejects.toMatchObject({ code: "closed" });
  expect(await others.statistics()).toEqual({ locked: false, owner: null, tasksWaiting: 0 });
});
