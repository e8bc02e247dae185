import { expect, test } from "vitest";
import type { Lease, Limiter } from "../../../sdk/index.ts";
import { ALL_WAYS, WAYS_AT_WILL } from "../../support/anyio/giving_up.ts";
import { roundTrip, serverOfThisFile } from "../../support/anyio/test_server.ts";
import { watch } from "../../support/sdk/watched.ts";

const server = serverOfThisFile();
const limiters = (totalTokens: number): [Limiter, Limiter, Limiter] =>
  server.three((latchwork, name) => latchwork.limiter(name, { totalTokens }));

const INVALID = { code: "invalid-argument" };

test.each([1.5, -1, Number.NaN, -Infinity])(
  "[CL6] a total is a whole number from 0, or Infinity, and not %d: neither at first nor later",
  async (total) => {
    expect(() => limiters(total)).toThrow(expect.objectContaining(INVALID));
    const [ours, theirs] = limiters(2);
    await expect(ours.setTotalTokens(total)).rejects.toMatchObject(INVALID);
    expect(await theirs.statistics()).toMatchObject({ totalTokens: 2 });
  },
);

test("[CL6] a total of 0 is valid, at first and later, and lets nobody in until it is raised", async () => {
  const [ours, theirs] = limiters(0);
  expect(await ours.statistics()).toMatchObject({ totalTokens: 0, availableTokens: 0 });
  expect(await ours.tryAcquire()).toBeNull();
  const waiting = watch(theirs.acquire());
  await roundTrip(theirs);
  expect(waiting.fate).toBe("pending");
  await ours.setTotalTokens(1);
  await (await waiting.promise).release();
  await ours.setTotalTokens(0);
  expect(await theirs.tryAcquire()).toBeNull();
});

test("[CL6] a total of Infinity is valid, at first and later, and lets everybody in", async () => {
  const [ours, theirs] = limiters(Infinity);
  const all = { totalTokens: Infinity, availableTokens: Infinity };
  expect(await ours.statistics()).toMatchObject(all);
  expect(await ours.tryAcquire()).not.toBeNull();
  expect(await theirs.tryAcquire()).not.toBeNull();
  expect(await ours.statistics()).toMatchObject({ ...all, borrowedTokens: 2 });
  await ours.setTotalTokens(1);
  expect(await ours.tryAcquire({ onBehalfOf: "somebody" })).toBeNull();
  await ours.setTotalTokens(Infinity);
  expect(await ours.tryAcquire({ onBehalfOf: "somebody" })).not.toBeNull();
  expect(await theirs.statistics()).toMatchObject({ ...all, borrowedTokens: 3 });
});

test("[CL4] a limiter that nobody has borrowed from lends nothing, and its total can be changed already", async () => {
  const [ours, theirs] = limiters(1);
  await ours.setTotalTokens(2);
  expect(await theirs.statistics()).toEqual({
    totalTokens: 2,
    borrowedTokens: 0,
    availableTokens: 2,
    borrowers: [],
    tasksWaiting: 0,
  });
});

test("[CL1] await using borrows a token for the block", async () => {
  const [ours, theirs] = limiters(2);
  {
    await using _lease = await ours.acquire();
    const counts = { totalTokens: 2, borrowedTokens: 1, availableTokens: 1 };
    expect(await theirs.statistics()).toMatchObject(counts);
  }
  expect(await theirs.statistics()).toMatchObject({ borrowedTokens: 0, availableTokens: 2 });
});

test("[CL1] a second borrow by one handle is refused at once, with room and without, by acquire and by try", async () => {
  const [ours, theirs] = limiters(2);
  await ours.acquire();
  await expect(ours.acquire()).rejects.toMatchObject({ code: "already-borrowed" });
  await theirs.acquire();
  await expect(ours.acquire()).rejects.toMatchObject({ code: "already-borrowed" });
  await expect(ours.tryAcquire()).rejects.toMatchObject({ code: "already-borrowed" });
  expect(await theirs.statistics()).toMatchObject({ borrowedTokens: 2, tasksWaiting: 0 });
});

test("[CL1] a borrower that waits is refused a second wait, from another client too, and keeps its place", async () => {
  const [ours, theirs, others] = limiters(1);
  const lease = await ours.acquire();
  const waiting = theirs.acquire({ onBehalfOf: "tenant" });
  await roundTrip(theirs);
  await expect(others.acquire({ onBehalfOf: "tenant" })).rejects.toMatchObject({
    code: "already-borrowed",
  });
  expect(await others.statistics()).toMatchObject({ tasksWaiting: 1 });
  await lease.release();
  await waiting;
});

test("[CL2] releasing for a borrower that holds nothing is refused, though it waits or has released before", async () => {
  const [ours, theirs] = limiters(1);
  const refused = { code: "not-borrowed" };
  await expect(ours.releaseOnBehalfOf("nobody")).rejects.toMatchObject(refused);
  const lease = await ours.acquire({ onBehalfOf: "holder" });
  const waiting = theirs.acquire({ onBehalfOf: "waiter" });
  await roundTrip(theirs);
  await expect(ours.releaseOnBehalfOf("waiter")).rejects.toMatchObject(refused);
  await lease.release();
  await expect(ours.releaseOnBehalfOf("holder")).rejects.toMatchObject(refused);
  await waiting;
  expect(await ours.statistics()).toMatchObject({ borrowers: ["waiter"] });
});

test("[CL3] whoever may use the limiter borrows and releases on behalf of others", async () => {
  const [ours, theirs] = limiters(2);
  const lease = await ours.acquire({ onBehalfOf: "first" });
  await ours.acquire({ onBehalfOf: "second" });
  expect(await ours.tryAcquire({ onBehalfOf: "third" })).toBeNull();
  const lost = new Promise((resolve) => lease.signal.addEventListener("abort", resolve));
  await theirs.releaseOnBehalfOf("first");
  await lost;
  expect(lease.signal.reason).toMatchObject({ code: "lease-lost", reason: "revoked" });
  expect(await ours.statistics()).toMatchObject({ borrowers: ["second"], borrowedTokens: 1 });
  await ours.releaseOnBehalfOf("second");
  expect(await theirs.statistics()).toMatchObject({ borrowers: [], borrowedTokens: 0 });
});

test("[CL1] statistics name the borrowers, and count who waits", async () => {
  const [ours, theirs, others] = limiters(1);
  const first = await ours.acquire({ onBehalfOf: "first" });
  const borrowed = { totalTokens: 1, borrowedTokens: 1, borrowers: ["first"] };
  expect(await ours.statistics()).toMatchObject({ ...borrowed, tasksWaiting: 0 });
  const second = theirs.acquire();
  expect(await theirs.statistics()).toMatchObject({ ...borrowed, tasksWaiting: 1 });
  const third = others.acquire();
  expect(await others.statistics()).toMatchObject({ ...borrowed, tasksWaiting: 2 });
  await first.release();
  await (await second).release();
  await (await third).release();
  expect(await ours.statistics()).toMatchObject({ borrowedTokens: 0, tasksWaiting: 0 });
});

test("[W1] borrowers are let in in the order of their asking", async () => {
  const [ours, theirs, others] = limiters(1);
  const lease = await ours.acquire();
  const entered: string[] = [];
  const enter = async (limiter: Limiter, onBehalfOf: string): Promise<void> =>
    limiter.run(() => void entered.push(onBehalfOf), { onBehalfOf });
  const entering = [];
  for (const [onBehalfOf, limiter] of Object.entries({ a: theirs, b: others, c: ours })) {
    entering.push(enter(limiter, onBehalfOf));
    await roundTrip(limiter);
  }
  await lease.release();
  await Promise.all(entering);
  expect(entered).toEqual(["a", "b", "c"]);
});

test("[W2] tryAcquire answers null when every token is borrowed, and for others too", async () => {
  const [ours, theirs] = limiters(1);
  await ours.acquire();
  expect(await theirs.tryAcquire()).toBeNull();
  expect(await ours.tryAcquire({ onBehalfOf: "somebody" })).toBeNull();
  expect(await theirs.statistics()).toMatchObject({ borrowedTokens: 1, tasksWaiting: 0 });
});

test("[W2] a try after the release comes too late for the token that a waiter was handed", async () => {
  const [ours, theirs] = limiters(1);
  await ours.acquire({ onBehalfOf: "A" });
  const waiting = theirs.acquire({ onBehalfOf: "B" });
  await roundTrip(theirs);
  const released = ours.releaseOnBehalfOf("A");
  expect(await ours.tryAcquire({ onBehalfOf: "X" })).toBeNull();
  await released;
  await waiting;
  expect(await ours.statistics()).toMatchObject({ availableTokens: 0, borrowers: ["B"] });
});

test.each(ALL_WAYS)(
  "[W3, CL1] a borrower that gives up is skipped and forgotten, so that it may ask again: $how",
  async ({ prepare }) => {
    const [ours, theirs, others] = limiters(1);
    const lease = await ours.acquire();
    await roundTrip(theirs);
    const { options, giveUp, error } = prepare(() => server.closeClientOf(theirs));
    const waiting = watch(theirs.acquire({ onBehalfOf: "tenant", ...options }));
    await roundTrip(theirs);
    const next = others.acquire();
    expect(await others.statistics()).toMatchObject({ tasksWaiting: 2 });
    await giveUp();
    await expect(waiting.promise).rejects.toMatchObject(error);
    const again = ours.acquire({ onBehalfOf: "tenant" });
    expect(await ours.statistics()).toMatchObject({ tasksWaiting: 2 });
    await lease.release();
    await (await next).release();
    await again;
    expect(await ours.statistics()).toMatchObject({ borrowers: ["tenant"] });
  },
);

test.each(WAYS_AT_WILL)(
  "[W3, W5] when the first waiter gives up in the moment of the hand-over, the second has the token: $how",
  async ({ prepare }) => {
    const [ours, theirs, others] = limiters(1);
    const lease = await ours.acquire();
    const { options, giveUp, error } = prepare(() => server.closeClientOf(theirs));
    const first = watch(theirs.acquire(options));
    await roundTrip(theirs);
    const second = others.acquire({ onBehalfOf: "second" });
    await roundTrip(others);
    await Promise.all([lease.release(), giveUp()]);
    await expect(first.promise).rejects.toMatchObject(error);
    await second;
    expect(await ours.statistics()).toMatchObject({ borrowers: ["second"], tasksWaiting: 0 });
  },
);

test("[CL4] raising the total lets in who waits, at once", async () => {
  const [ours, theirs] = limiters(1);
  await ours.acquire();
  const waiting = watch(theirs.acquire());
  await roundTrip(theirs);
  expect(waiting.fate).toBe("pending");
  await ours.setTotalTokens(2);
  await waiting.promise;
  expect(await ours.statistics()).toMatchObject({ borrowedTokens: 2, tasksWaiting: 0 });
});

test("[CL4] raising the total above who waits leaves room for who comes later", async () => {
  const [ours, theirs, others] = limiters(1);
  await ours.acquire();
  const waiting = theirs.acquire();
  await roundTrip(theirs);
  await ours.setTotalTokens(3);
  await waiting;
  expect(await others.tryAcquire()).not.toBeNull();
});

test("[CL5] lowering and raising the total lets in only who truly fits", async () => {
  const [ours, theirs, others] = limiters(2);
  await ours.acquire({ onBehalfOf: "A" });
  await ours.acquire({ onBehalfOf: "B" });
  const waiting = [watch(theirs.acquire()), watch(others.acquire())];
  await Promise.all([roundTrip(theirs), roundTrip(others)]);
  const full = { borrowedTokens: 2, tasksWaiting: 2 };
  await ours.setTotalTokens(1);
  expect(await ours.statistics()).toMatchObject({ ...full, availableTokens: -1 });
  await ours.setTotalTokens(2);
  expect(await ours.statistics()).toMatchObject({ ...full, availableTokens: 0 });
  await Promise.all([roundTrip(theirs), roundTrip(others)]);
  expect(waiting.map(({ fate }) => fate)).toEqual(["pending", "pending"]);
});

test("[CL4, CL5, W1] five borrowers see the total rise by two and fall by three", async () => {
  const [ours, theirs, others] = limiters(2);
  const borrowing: Promise<Lease>[] = [];
  for (const borrower of ["0", "1", "2", "3", "4"]) {
    borrowing.push(theirs.acquire({ onBehalfOf: borrower }));
    await roundTrip(theirs);
  }
  expect(await ours.statistics()).toMatchObject({ borrowers: ["0", "1"], tasksWaiting: 3 });
  await others.setTotalTokens(4);
  const four = { borrowers: ["0", "1", "2", "3"], tasksWaiting: 1 };
  expect(await ours.statistics()).toMatchObject(four);
  await others.setTotalTokens(1);
  expect(await ours.statistics()).toMatchObject({ ...four, totalTokens: 1, availableTokens: -3 });
  for (const borrower of ["0", "1", "2"]) await ours.releaseOnBehalfOf(borrower);
  expect(await ours.statistics()).toMatchObject({ borrowers: ["3"], tasksWaiting: 1 });
  await ours.releaseOnBehalfOf("3");
  expect(await ours.statistics()).toMatchObject({ borrowers: ["4"], tasksWaiting: 0 });
  await Promise.all(borrowing);
});
