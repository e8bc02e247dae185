import { expect, test } from "vitest";
import type { Condition, HeldCondition, WaitOptions } from "../../../sdk/index.ts";
import { BY_ABORT, BY_CLOSING, BY_TIME_OUT, type Way } from "../../support/anyio/giving_up.ts";
import { roundTrip, serverOfThisFile } from "../../support/anyio/test_server.ts";
import { watch, type Watched } from "../../support/sdk/watched.ts";

const server = serverOfThisFile();
const conditions = (): [Condition, Condition, Condition] =>
  server.three((latchwork, name) => latchwork.condition(name));

/** Who waits at a condition has given up its lock, and does not have it again when its session ends. */
const BY_CLOSING_WHILE_PARKED: Way = {
  ...BY_CLOSING,
  prepare: (close) => ({ ...BY_CLOSING.prepare(close), error: { code: "lease-lost" } }),
};

interface Parked {
  readonly held: HeldCondition;
  readonly waiting: Watched<void>;
}

/** Acquires, and waits: the wait is with the server when this settles. */
async function park(condition: Condition, options?: WaitOptions): Promise<Parked> {
  const held = await condition.acquire();
  const waiting = watch(held.wait(options));
  await roundTrip(condition);
  return { held, waiting };
}

/** The same for a task that leaves when it has been woken: settles with what its wait comes to. */
async function listen(condition: Condition, options?: WaitOptions): Promise<Watched<void>> {
  const { held, waiting } = await park(condition, options);
  const leave = async (): Promise<void> => {
    try {
      await waiting.promise;
    } finally {
      await held.release().catch(() => {});
    }
  };
  return watch(leave());
}

/** Waits for what only the server knows. */
async function until(condition: Condition, expected: object): Promise<void> {
  const asking = { interval: 10, timeout: 10_000 };
  await expect.poll(() => condition.statistics(), asking).toMatchObject(expected);
}

test("[LK4] a condition that nobody has used has nobody waiting, and its lock is free", async () => {
  const [ours] = conditions();
  expect(await ours.statistics()).toEqual({
    tasksWaiting: 0,
    lock: { locked: false, owner: null, tasksWaiting: 0 },
  });
});

test("[CO2, CO3] wait gives the lock up to another client, whose notifyAll ends it", async () => {
  const [ours, theirs] = conditions();
  await using held = await ours.acquire();
  expect(await theirs.statistics()).toMatchObject({ lock: { locked: true } });
  const waiting = held.wait();
  await theirs.run((other) => other.notifyAll());
  await waiting;
  expect(await theirs.statistics()).toMatchObject({
    tasksWaiting: 0,
    lock: { locked: true, owner: { client: "first", token: held.token } },
  });
});

test("[CO2, CO3] with acquire and release by hand it is the same", async () => {
  const [ours, theirs] = conditions();
  const { held, waiting } = await park(ours);
  const other = await theirs.acquire();
  await other.notifyAll();
  await roundTrip(ours);
  expect(waiting.fate).toBe("pending");
  await other.release();
  await waiting.promise;
  await held.release();
  expect(await theirs.statistics()).toMatchObject({ lock: { locked: false } });
});

test("[LK1] tryAcquire takes the condition's lock when it is free", async () => {
  const [ours, theirs] = conditions();
  const held = await ours.tryAcquire();
  expect(await theirs.statistics()).toMatchObject({ lock: { owner: { token: held?.token } } });
});

test("[LK1, W2] tryAcquire answers null while the condition's lock is held, by this handle too", async () => {
  const [ours, theirs] = conditions();
  const held = await ours.acquire();
  expect(await theirs.tryAcquire()).toBeNull();
  expect(await ours.tryAcquire()).toBeNull();
  await held.release();
  expect(await theirs.tryAcquire()).not.toBeNull();
});

test.each([BY_ABORT, BY_TIME_OUT])(
  "[CO5, CO6] a wait that is given up has the lock again, by a greater token, before it rejects: $how",
  async ({ prepare }) => {
    const [ours, theirs] = conditions();
    const { options, giveUp, error } = prepare(() => Promise.resolve());
    const held = await ours.acquire();
    const { token } = held;
    const queued = theirs.acquire();
    await roundTrip(theirs);
    const waiting = watch(held.wait(options));
    const other = await queued;
    await giveUp();
    await until(theirs, { tasksWaiting: 0, lock: { tasksWaiting: 1 } });
    await roundTrip(ours);
    expect(waiting.fate).toBe("pending");
    await other.release();
    await expect(waiting.promise).rejects.toMatchObject(error);
    expect(held.token).toBeGreaterThan(token);
    expect(await theirs.statistics()).toMatchObject({
      tasksWaiting: 0,
      lock: { owner: { client: "first", token: held.token } },
    });
  },
);

test("[CO5] a wait whose client is closed rejects, and is gone without a trace", async () => {
  const [ours, theirs] = conditions();
  const { held, waiting } = await park(ours);
  await server.closeClientOf(ours);
  await expect(waiting.promise).rejects.toMatchObject({ code: "lease-lost" });
  expect(held.signal.reason).toMatchObject({ code: "lease-lost", reason: "session-ended" });
  expect(await theirs.statistics()).toMatchObject({ tasksWaiting: 0, lock: { locked: false } });
});

test("[CO5] a wait whose signal is aborted already does not give up the lock", async () => {
  const [ours, theirs] = conditions();
  const { options, giveUp, error } = BY_ABORT.prepare(() => Promise.resolve());
  await giveUp();
  const held = await ours.acquire();
  const { token } = held;
  await expect(held.wait(options)).rejects.toMatchObject(error);
  expect(await theirs.statistics()).toMatchObject({ tasksWaiting: 0, lock: { owner: { token } } });
});

test.each([BY_ABORT, BY_TIME_OUT, BY_CLOSING_WHILE_PARKED])(
  "[CO4] a notified waiter that gives up before it has the lock passes its notification on: $how",
  async ({ prepare }) => {
    const [ours, theirs, others] = conditions();
    const { options, giveUp, error } = prepare(() => server.closeClientOf(theirs));
    await roundTrip(theirs);
    const first = await listen(theirs, options);
    const second = await listen(others);
    const notifier = await ours.acquire();
    await notifier.notify(1);
    await giveUp();
    await until(ours, { tasksWaiting: 0 });
    expect([first.fate, second.fate]).toContain("pending");
    await notifier.release();
    await expect(first.promise).rejects.toMatchObject(error);
    await second.promise;
  },
);

test("[CO1] without the lock wait, notify and notifyAll are refused, and leave nothing behind", async () => {
  const [ours, theirs] = conditions();
  const listening = await listen(theirs);
  const held = await ours.acquire();
  await held.release();
  await expect(held.wait()).rejects.toMatchObject({ code: "not-owner" });
  await expect(held.notify()).rejects.toMatchObject({ code: "not-owner" });
  await expect(held.notifyAll()).rejects.toMatchObject({ code: "not-owner" });
  await roundTrip(theirs);
  expect(listening.fate).toBe("pending");
  expect(await theirs.statistics()).toMatchObject({ tasksWaiting: 1, lock: { locked: false } });
});

test("[CO1] while it waits, a held condition neither waits again, nor notifies, nor releases", async () => {
  const [ours, theirs] = conditions();
  const { held, waiting } = await park(ours);
  await expect(held.wait()).rejects.toMatchObject({ code: "not-owner" });
  await expect(held.notify()).rejects.toMatchObject({ code: "not-owner" });
  await expect(held.release()).rejects.toMatchObject({ code: "not-owner" });
  expect(await theirs.statistics()).toMatchObject({ tasksWaiting: 1 });
  await theirs.run((other) => other.notify());
  await waiting.promise;
  await held.release();
});

test("[CO3] statistics count who waits for a notification, and apart from them who waits for the lock", async () => {
  const [ours, theirs, others] = conditions();
  const first = await listen(theirs);
  expect(await ours.statistics()).toMatchObject({ tasksWaiting: 1, lock: { locked: false } });
  const second = await listen(others);
  expect(await ours.statistics()).toMatchObject({ tasksWaiting: 2, lock: { locked: false } });
  const notifier = await ours.acquire();
  await notifier.notify(1);
  expect(await ours.statistics()).toMatchObject({
    tasksWaiting: 1,
    lock: { locked: true, owner: { token: notifier.token }, tasksWaiting: 1 },
  });
  await notifier.notify(1);
  expect(await ours.statistics()).toMatchObject({ tasksWaiting: 0, lock: { tasksWaiting: 2 } });
  await notifier.release();
  await Promise.all([first.promise, second.promise]);
  expect(await ours.statistics()).toMatchObject({ tasksWaiting: 0, lock: { locked: false } });
});

test("[CO3, W1] notify wakes the first who waits, and no other; notifyAll those who are left", async () => {
  const [ours, theirs, others] = conditions();
  const woken: string[] = [];
  const listening = [];
  for (const [name, condition] of Object.entries({ first: theirs, second: others, third: ours })) {
    const { held, waiting } = await park(condition);
    listening.push(
      waiting.promise.then(() => {
        woken.push(name);
        return held.release();
      }),
    );
  }
  await ours.run((held) => held.notify());
  await listening[0];
  await Promise.all([roundTrip(others), roundTrip(ours)]);
  expect(woken).toEqual(["first"]);
  await ours.run((held) => held.notifyAll());
  await Promise.all(listening);
  expect(woken).toEqual(["first", "second", "third"]);
});

test("[CO3] notify(2) moves two of three into the lock's line, and a release lets the first of them in", async () => {
  const [ours, theirs, others] = conditions();
  const first = await park(theirs);
  const second = await park(others);
  const third = await park(ours);
  const notifier = await ours.acquire();
  await notifier.notify(2);
  expect(await ours.statistics()).toMatchObject({ tasksWaiting: 1, lock: { tasksWaiting: 2 } });
  await notifier.release();
  await first.waiting.promise;
  expect(await ours.statistics()).toMatchObject({
    tasksWaiting: 1,
    lock: { tasksWaiting: 1, owner: { token: first.held.token } },
  });
  expect(second.waiting.fate).toBe("pending");
  await first.held.release();
  await second.waiting.promise;
  expect(third.waiting.fate).toBe("pending");
});

test("[CO7] waitFor looks again after every wake, with the lock held, and returns what it was waiting for", async () => {
  const [ours, theirs] = conditions();
  let value = "";
  const locked: unknown[] = [];
  const held = await theirs.acquire();
  const waiting = watch(
    held.waitFor(async () => {
      locked.push((await theirs.statistics()).lock.owner?.token === held.token);
      return value;
    }),
  );
  await until(ours, { tasksWaiting: 1, lock: { locked: false } });
  await ours.run((other) => other.notifyAll());
  await until(ours, { tasksWaiting: 1, lock: { locked: false } });
  expect(waiting.fate).toBe("pending");
  expect(locked).toEqual([true, true]);
  await ours.run((other) => {
    value = "there";
    return other.notifyAll();
  });
  expect(await waiting.promise).toBe("there");
  expect(locked).toEqual([true, true, true]);
});

test.each([BY_ABORT, BY_TIME_OUT])(
  "[CO5, CO7] a waitFor that gives up has the lock when it rejects: $how",
  async ({ prepare }) => {
    const [ours, theirs] = conditions();
    const held = await theirs.acquire();
    const { options, giveUp, error } = prepare(() => Promise.resolve());
    const waiting = watch(held.waitFor(() => false, options));
    await roundTrip(theirs);
    await giveUp();
    await expect(waiting.promise).rejects.toMatchObject(error);
    const { token } = held;
    expect(await ours.statistics()).toMatchObject({ tasksWaiting: 0, lock: { owner: { token } } });
  },
);
