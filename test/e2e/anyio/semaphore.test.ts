import { expect, test } from "vitest";
import type { Semaphore, SemaphoreOptions } from "../../../sdk/index.ts";
import { ALL_WAYS, WAYS_AT_WILL } from "../../support/anyio/giving_up.ts";
import { roundTrip, serverOfThisFile } from "../../support/anyio/test_server.ts";
import { watch } from "../../support/sdk/watched.ts";

const server = serverOfThisFile();
const semaphores = (options: SemaphoreOptions): [Semaphore, Semaphore, Semaphore] =>
  server.three((latchwork, name) => latchwork.semaphore(name, options));

test("[SE4] a semaphore that nobody has used has the permits and the maximum that its handle states", async () => {
  const [ours] = semaphores({ permits: 1, maxPermits: 3 });
  expect(await ours.statistics()).toEqual({ value: 1, maxPermits: 3, tasksWaiting: 0 });
  expect(await ours.value()).toBe(1);
});

test.each([
  { permits: 1.5 },
  { permits: -1 },
  { permits: Number.NaN },
  { permits: 1, maxPermits: 1.5 },
  { permits: 2, maxPermits: 1 },
])(
  "[SE4] permits and maxPermits are whole numbers, the second no less than the first: %j",
  (options) => {
    expect(() => semaphores(options)).toThrow(
      expect.objectContaining({ code: "invalid-argument" }),
    );
  },
);

test.each([
  [{ permits: 0, maxPermits: 2 }, 2],
  [{ permits: 0 }, null],
])("[SE4] the maximum is as it was stated, or none: %j", async (options, maxPermits) => {
  const [ours, theirs] = semaphores(options);
  expect(await ours.statistics()).toMatchObject({ value: 0, maxPermits });
  expect(await theirs.statistics()).toMatchObject({ value: 0, maxPermits });
});

test("[SE1] await using takes a permit for the block, in two clients at once, and both come back", async () => {
  const [ours, theirs, others] = semaphores({ permits: 2 });
  {
    await using _first = await ours.acquire();
    expect(await others.value()).toBe(1);
    await using _second = await theirs.acquire();
    expect(await others.value()).toBe(0);
  }
  expect(await others.value()).toBe(2);
});

test("[SE1] acquire and release by hand do the same", async () => {
  const [ours, theirs, others] = semaphores({ permits: 2 });
  const first = await ours.acquire();
  const second = await theirs.acquire();
  expect(await others.value()).toBe(0);
  await first.release();
  expect(await others.value()).toBe(1);
  await second.release();
  expect(await others.value()).toBe(2);
});

test("[W2] tryAcquire takes a permit that is free, and answers null when none is", async () => {
  const [ours, theirs] = semaphores({ permits: 1 });
  const lease = await ours.tryAcquire();
  expect(await theirs.value()).toBe(0);
  expect(await theirs.tryAcquire()).toBeNull();
  await lease?.release();
  expect(await theirs.tryAcquire()).not.toBeNull();
});

test.each(ALL_WAYS)(
  "[W3, SE1] a waiter that gives up before the release takes nothing: $how",
  async ({ prepare }) => {
    const [ours, theirs, others] = semaphores({ permits: 1 });
    const lease = await ours.acquire();
    await roundTrip(theirs);
    const { options, giveUp, error } = prepare(() => server.closeClientOf(theirs));
    const waiting = watch(theirs.acquire(options));
    await roundTrip(theirs);
    const next = others.acquire();
    expect(await others.statistics()).toMatchObject({ tasksWaiting: 2 });
    await giveUp();
    await expect(waiting.promise).rejects.toMatchObject(error);
    expect(await ours.statistics()).toMatchObject({ value: 0, tasksWaiting: 1 });
    await lease.release();
    await (await next).release();
    expect(await ours.statistics()).toMatchObject({ value: 1, tasksWaiting: 0 });
  },
);

test.each(WAYS_AT_WILL)(
  "[W3, W5, SE1] a release that crosses the waiter's giving up comes back to the value: $how",
  async ({ prepare }) => {
    const [ours, theirs] = semaphores({ permits: 1 });
    const lease = await ours.acquire();
    const { options, giveUp, error } = prepare(() => server.closeClientOf(theirs));
    const waiting = watch(theirs.acquire(options));
    await roundTrip(theirs);
    await Promise.all([lease.release(), giveUp()]);
    await expect(waiting.promise).rejects.toMatchObject(error);
    expect(await ours.statistics()).toMatchObject({ value: 1, tasksWaiting: 0 });
    expect(await ours.tryAcquire()).not.toBeNull();
  },
);

test.each(WAYS_AT_WILL)(
  "[W3, SE3] a deposit that crosses the waiter's giving up is not lost: $how",
  async ({ prepare }) => {
    const [ours, theirs] = semaphores({ permits: 0, maxPermits: 1 });
    const { options, giveUp, error } = prepare(() => server.closeClientOf(theirs));
    const waiting = watch(theirs.acquire(options));
    await roundTrip(theirs);
    await Promise.all([ours.release(), giveUp()]);
    await expect(waiting.promise).rejects.toMatchObject(error);
    expect(await ours.statistics()).toMatchObject({ value: 1, tasksWaiting: 0 });
    expect(await ours.tryAcquire()).not.toBeNull();
  },
);

test.each(WAYS_AT_WILL)(
  "[W3, W5] when the first waiter gives up in the moment of the hand-over, the second has the permit: $how",
  async ({ prepare }) => {
    const [ours, theirs, others] = semaphores({ permits: 1 });
    const lease = await ours.acquire();
    const { options, giveUp, error } = prepare(() => server.closeClientOf(theirs));
    const first = watch(theirs.acquire(options));
    await roundTrip(theirs);
    const second = others.acquire();
    await roundTrip(others);
    await Promise.all([lease.release(), giveUp()]);
    await expect(first.promise).rejects.toMatchObject(error);
    await second;
    expect(await ours.statistics()).toMatchObject({ value: 0, tasksWaiting: 0 });
  },
);

test("[W2, SE1] a try after the release comes too late for the permit that a waiter was handed", async () => {
  const [ours, theirs] = semaphores({ permits: 1 });
  const lease = await ours.acquire();
  const waiting = theirs.acquire();
  await roundTrip(theirs);
  const released = lease.release();
  expect(await ours.tryAcquire()).toBeNull();
  await released;
  expect((await waiting).token).toBeGreaterThan(lease.token);
});

test("[SE1] statistics count who waits", async () => {
  const [ours, theirs, others] = semaphores({ permits: 1 });
  const lease = await ours.acquire();
  expect(await ours.statistics()).toEqual({ value: 0, maxPermits: null, tasksWaiting: 0 });
  const second = theirs.acquire();
  expect(await theirs.statistics()).toMatchObject({ tasksWaiting: 1 });
  const third = others.acquire();
  expect(await others.statistics()).toMatchObject({ tasksWaiting: 2 });
  await lease.release();
  await (await second).release();
  await (await third).release();
  expect(await ours.statistics()).toEqual({ value: 1, maxPermits: null, tasksWaiting: 0 });
});

test("[SE1] a deposit raises the value above what it was at the start, where there is no maximum", async () => {
  const [ours, theirs] = semaphores({ permits: 1 });
  await ours.release();
  expect(await theirs.value()).toBe(2);
  await theirs.acquire({ permits: 2 });
  expect(await ours.value()).toBe(0);
});

test("[SE2] a deposit beyond maxPermits is refused, and changes nothing", async () => {
  const [ours, theirs] = semaphores({ permits: 1, maxPermits: 2 });
  await ours.release();
  await expect(theirs.release()).rejects.toMatchObject({ code: "over-release" });
  expect(await ours.value()).toBe(2);
});

test("[SE2, SE1] a permit that is held counts against the maximum: its lease gives it back, and no deposit does", async () => {
  const [ours, theirs] = semaphores({ permits: 1, maxPermits: 1 });
  const lease = await ours.acquire();
  await expect(theirs.release()).rejects.toMatchObject({ code: "over-release" });
  expect(await theirs.value()).toBe(0);
  await lease.release();
  await lease.release();
  expect(await theirs.value()).toBe(1);
});

test("[SE3, W2] a deposit goes to the waiter, the value stays as it was, and a try comes too late", async () => {
  const [ours, theirs] = semaphores({ permits: 0 });
  const waiting = watch(theirs.acquire());
  await roundTrip(theirs);
  expect(waiting.fate).toBe("pending");
  const deposited = ours.release();
  expect(await ours.statistics()).toMatchObject({ value: 0, tasksWaiting: 0 });
  expect(await ours.tryAcquire()).toBeNull();
  await deposited;
  await waiting.promise;
});

test("[W2, W6] nobody passes a waiter for three permits while one or two are free: no try, and no later waiter", async () => {
  const [ours, theirs, others] = semaphores({ permits: 3 });
  const first = await ours.acquire();
  const second = await ours.acquire();
  const large = theirs.acquire({ permits: 3 });
  await roundTrip(theirs);
  expect(await others.tryAcquire()).toBeNull();
  const small = watch(others.acquire());
  await roundTrip(others);
  await first.release();
  expect(await ours.statistics()).toMatchObject({ value: 2, tasksWaiting: 2 });
  await second.release();
  const all = await large;
  await roundTrip(others);
  expect(small.fate).toBe("pending");
  await all.release();
  await small.promise;
});
