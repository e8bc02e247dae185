import { beforeEach, describe, expect, it } from "vitest";
import { ConditionMachine } from "../../objects/core/condition.ts";
import { TIMEOUT_MS } from "../support/lock_like.ts";
import { Rig, type Call, type Client } from "../support/machines.ts";

let rig: Rig;
let ann: Client;
let bob: Client;
let cat: Client;
let dan: Client;

const parked = (client: Client, wait: { timeoutMs?: number } = {}): Call =>
  client.park(client.acquire(), wait);

beforeEach(() => {
  rig = new Rig((recovered) => new ConditionMachine(recovered));
  ({ ann, bob, cat, dan } = rig.clients(["ann", "bob", "cat", "dan"]));
});

/** How a wait can end before its notification. */
const WAYS = [
  {
    way: "aborted",
    woken: "cancelled",
    cancel: (client: Client, call: Call): unknown => client.cancel(call),
  },
  {
    way: "timed out",
    woken: "timed-out",
    cancel: (): unknown => rig.advance(TIMEOUT_MS),
  },
] as const;

/** How the session of a waiter can be over. */
const ENDINGS = [
  { ending: "ended cleanly", end: (client: Client): void => client.end() },
  { ending: "fell silent", end: (client: Client): void => rig.silence(client) },
] as const;

describe.each(WAYS)("a wait that is $way", ({ woken, cancel }) => {
  it("[CO5] has the lock again before it rejects", () => {
    const waiting = parked(ann, { timeoutMs: TIMEOUT_MS });
    cancel(ann, waiting);
    expect([waiting.woken, rig.holders]).toEqual([woken, ["ann"]]);
    expect(ann.release(waiting).fate).toBe("done");
    expect(rig.rows.claimsCount).toBe(0);
  });

  it("[CO5] [W1] stands in the lock's line meanwhile, behind those who came before", () => {
    const waiting = parked(ann, { timeoutMs: TIMEOUT_MS });
    const lock = bob.acquire();
    const before = cat.acquire();
    cancel(ann, waiting);
    dan.acquire();
    expect([waiting.fate, rig.line]).toEqual(["unanswered", ["cat", "ann", "dan"]]);
    rig.restart();
    bob.release(lock);
    cat.release(before);
    expect([waiting.woken, rig.holders]).toEqual([woken, ["ann"]]);
  });

  it("[CO3] [CO5] takes no notification: the next in line has it", () => {
    const waiting = parked(ann, { timeoutMs: TIMEOUT_MS });
    const next = parked(bob);
    const lock = cat.acquire();
    cancel(ann, waiting);
    cat.notify(lock);
    cat.release(lock);
    ann.release(waiting);
    expect([waiting.woken, next.woken]).toEqual([woken, "notified"]);
  });

  it("[CO5] [W4] waits for the lock for as long as it takes", () => {
    const waiting = parked(ann, { timeoutMs: TIMEOUT_MS });
    const lock = bob.acquire();
    cancel(ann, waiting);
    expect(rig.machine.nextDeadlineMs).toBeNull();
    rig.advance(10 * TIMEOUT_MS);
    expect(rig.line).toEqual(["ann"]);
    bob.release(lock);
    expect(waiting.woken).toBe(woken);
  });

  it("[CO5] [LE5] is told so again when it asks again, after a restart too", () => {
    const waiting = parked(ann, { timeoutMs: TIMEOUT_MS });
    cancel(ann, waiting);
    const { result } = waiting;
    rig.restart();
    ann.repeat(waiting);
    expect([waiting.result, rig.holders]).toEqual([result, ["ann"]]);
  });

  it("[CO6] has a new, greater token", () => {
    const lock = ann.acquire();
    const waiting = ann.park(lock, { timeoutMs: TIMEOUT_MS });
    cancel(ann, waiting);
    expect(waiting.token).toBeGreaterThan(lock.token);
  });

  it("[CO5] to cancel it once more changes nothing, wherever it is", () => {
    const waiting = parked(ann, { timeoutMs: TIMEOUT_MS });
    const lock = bob.acquire();
    cancel(ann, waiting);
    ann.cancel(waiting);
    expect([rig.written, rig.line]).toEqual([[], ["ann"]]);
    bob.release(lock);
    ann.cancel(waiting);
    expect([rig.written, rig.holders]).toEqual([[], ["ann"]]);
  });
});

describe("a time-out", () => {
  it("[W4] comes when its time is up, no millisecond earlier, and a restart does not put it off", () => {
    const waiting = parked(ann, { timeoutMs: TIMEOUT_MS });
    expect(rig.machine.nextDeadlineMs).toBe(rig.nowMs + TIMEOUT_MS);
    rig.advance(TIMEOUT_MS - 1);
    rig.restart();
    expect(waiting.fate).toBe("unanswered");
    rig.advance(1);
    expect(waiting.woken).toBe("timed-out");
  });

  it("[W4] is of no concern to who has been notified, and has not the lock yet", () => {
    const waiting = parked(ann, { timeoutMs: TIMEOUT_MS });
    const lock = bob.acquire();
    bob.notify(lock);
    expect(rig.machine.nextDeadlineMs).toBeNull();
    rig.advance(TIMEOUT_MS);
    bob.release(lock);
    expect(waiting.woken).toBe("notified");
  });

  it("[W4] those whose time is up together stand in line in the order of their deadlines", () => {
    parked(ann, { timeoutMs: TIMEOUT_MS });
    parked(bob, { timeoutMs: TIMEOUT_MS / 2 });
    cat.acquire();
    rig.advance(TIMEOUT_MS);
    expect(rig.line).toEqual(["bob", "ann"]);
  });

  it("[W1] [W4] those with one deadline stand in line in the order in which they came", () => {
    const crowd = Array.from({ length: 5 }, (_, index) => rig.client(`${index}`));
    for (const client of crowd) parked(client, { timeoutMs: TIMEOUT_MS });
    ann.acquire();
    rig.advance(TIMEOUT_MS);
    expect(rig.line).toEqual(["0", "1", "2", "3", "4"]);
  });

  it("[W4] of a plain acquire leaves the lock's line", () => {
    ann.acquire();
    const late = bob.acquire({ timeoutMs: TIMEOUT_MS });
    rig.advance(TIMEOUT_MS);
    expect([late.fate, rig.line]).toEqual(["timeout", []]);
  });
});

describe.each(ENDINGS)("a waiter whose session $ending", ({ end }) => {
  it("[W3] [CO5] leaves at once, and takes no notification", () => {
    const [gone, next] = [parked(ann), parked(bob)];
    end(ann);
    const lock = cat.acquire();
    cat.notify(lock);
    cat.release(lock);
    expect([gone.fate, next.woken, rig.holders]).toEqual(["unanswered", "notified", ["bob"]]);
  });

  it("[CO4] when it was notified, passes its notification on, into the lock's line", () => {
    const [gone, next, last] = [parked(ann), parked(bob), parked(cat)];
    const lock = dan.acquire();
    dan.notify(lock);
    end(ann);
    expect(rig.line).toEqual(["bob", "cat"]);
    rig.restart();
    dan.release(lock);
    bob.release(next);
    expect([gone.fate, next.woken, last.fate]).toEqual(["unanswered", "notified", "unanswered"]);
  });

  it("[CO4] when it was granted the lock and may not have heard, wakes another for it", () => {
    const [gone, next, last] = [parked(ann), parked(bob), parked(cat)];
    const lock = dan.acquire();
    dan.notify(lock);
    dan.release(lock);
    expect(gone.woken).toBe("notified");
    end(ann);
    expect([next.woken, last.fate, rig.holders]).toEqual(["notified", "unanswered", ["bob"]]);
  });

  it("[CO4] passes on the notifications of all its waiters", () => {
    for (const client of [ann, ann, bob, cat]) parked(client);
    const lock = dan.acquire();
    dan.notify(lock, 2);
    end(ann);
    expect(rig.line).toEqual(["bob", "cat"]);
    expect(dan.statistics()).toMatchObject({ tasksWaiting: 0, lock: { tasksWaiting: 2 } });
  });

  it("[CO4] passes it to nobody who has gone with it", () => {
    for (const client of [ann, ann, bob]) parked(client);
    const lock = dan.acquire();
    dan.notify(lock);
    end(ann);
    expect([rig.line, rig.rows.claimsCount]).toEqual([["bob"], 2]);
  });

  it("[CO4] that had timed out owes nobody anything", () => {
    parked(ann, { timeoutMs: TIMEOUT_MS });
    const next = parked(bob);
    rig.advance(TIMEOUT_MS);
    end(ann);
    expect([next.fate, rig.holders]).toEqual(["unanswered", []]);
  });

  it("[LE6] [W2] while it held the lock, the next in line has it", () => {
    const lock = ann.acquire();
    const next = bob.acquire();
    end(ann);
    expect([next.fate, ann.release(lock).fate]).toEqual(["granted", "not-owner"]);
  });
});
