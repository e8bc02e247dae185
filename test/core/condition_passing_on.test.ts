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

/** How a notified waiter that has the lock can lose it unheard. */
const ENDS: readonly { way: string; end: (client: Client, wait: Call) => void }[] = [
  { way: "it ends its session", end: (client) => client.end() },
  { way: "it falls silent", end: (client) => rig.silence(client) },
  { way: "an operator takes the lock", end: (_client, wait) => rig.revoke(wait) },
];

beforeEach(() => {
  rig = new Rig((recovered) => new ConditionMachine(recovered));
  ({ ann, bob, cat, dan } = rig.clients(["ann", "bob", "cat", "dan"]));
});

describe("a notified waiter that is aborted", () => {
  it("[CO4] passes its notification on, and has the lock again before it rejects", () => {
    const [first, second, third] = [parked(ann), parked(bob), parked(cat)];
    const lock = dan.acquire();
    dan.notify(lock);
    ann.cancel(first);
    rig.restart();
    expect(rig.line).toEqual(["ann", "bob", "cat"]);
    dan.release(lock);
    expect(first.woken).toBe("cancelled");
    ann.release(first);
    expect([second.woken, third.fate]).toEqual(["notified", "unanswered"]);
  });

  it("[CO4] [W3] passes it on though the lock was granted already, and keeps the lock", () => {
    const [first, second, third] = [parked(ann), parked(bob), parked(cat)];
    const lock = dan.acquire();
    dan.notify(lock);
    dan.release(lock);
    ann.cancel(first);
    expect([rig.holders, rig.line]).toEqual([["ann"], ["bob", "cat"]]);
    ann.release(first);
    expect([second.woken, third.fate]).toEqual(["notified", "unanswered"]);
  });

  it("[CO4] [LE5] passes it on once, however often it is cancelled, after a restart either", () => {
    const [first] = [parked(ann), parked(bob), parked(cat)];
    const lock = dan.acquire();
    dan.notify(lock);
    const cancel = ann.cancel(first);
    ann.repeat(cancel);
    rig.restart();
    ann.repeat(cancel);
    ann.end();
    expect(dan.statistics()).toMatchObject({ tasksWaiting: 1, lock: { tasksWaiting: 1 } });
  });

  it("[CO4] [LE5] passes it on once, when it had the lock already, after a restart either", () => {
    const [first] = [parked(ann), parked(bob), parked(cat)];
    const lock = dan.acquire();
    dan.notify(lock);
    dan.release(lock);
    const cancel = ann.cancel(first);
    rig.restart();
    ann.repeat(cancel);
    ann.repeat(first);
    expect([first.woken, dan.statistics()]).toMatchObject(["cancelled", { tasksWaiting: 1 }]);
    rig.silence(ann);
    expect([rig.holders, rig.line]).toEqual([["bob"], ["cat"]]);
  });

  it("[CO4] with nobody to pass it to, it is gone", () => {
    const first = parked(ann);
    const lock = dan.acquire();
    dan.notify(lock);
    ann.cancel(first);
    const later = bob.acquire();
    dan.release(lock);
    ann.release(first);
    const waiting = bob.park(later);
    expect([waiting.fate, rig.line]).toEqual(["unanswered", ["bob"]]);
  });
});

describe("several at one moment", () => {
  it("[CO4] [W3] a notification is passed to nobody who expires at the same moment", () => {
    for (const client of [ann, bob, cat]) parked(client);
    const lock = dan.acquire();
    dan.notify(lock);
    rig.silence(ann, bob);
    expect(rig.line).toEqual(["cat"]);
    expect(dan.statistics()).toMatchObject({ tasksWaiting: 0, lock: { tasksWaiting: 1 } });
  });

  it("[CO4] [W4] nor to one whose time is up at the same moment", () => {
    parked(ann);
    const late = parked(bob, { timeoutMs: TIMEOUT_MS });
    const next = parked(cat);
    const lock = dan.acquire();
    dan.notify(lock);
    rig.nowMs += TIMEOUT_MS;
    rig.silence(ann);
    dan.release(lock);
    bob.release(late);
    expect([late.woken, next.woken]).toEqual(["timed-out", "notified"]);
  });

  it("[CO4] the holder's end hands the lock to the notified, whose notifications were its own", () => {
    const [first, second] = [parked(ann), parked(bob)];
    const lock = dan.acquire();
    dan.notify(lock);
    rig.silence(dan);
    expect([first.woken, second.fate]).toEqual(["notified", "unanswered"]);
  });
});

describe("an operator", () => {
  it("[CO4] takes the lock from a notified waiter that may not have heard: another is woken", () => {
    const [first, second] = [parked(ann), parked(bob)];
    const lock = dan.acquire();
    dan.notify(lock);
    dan.release(lock);
    const { token } = first;
    rig.revoke(first);
    expect([rig.revoked, second.woken]).toEqual([[token], "notified"]);
  });

  it("[LE1] [LK2] takes the lock from a holder, and the next in line has it", () => {
    const lock = ann.acquire();
    const next = bob.acquire();
    rig.revoke(lock);
    expect([rig.revoked, next.fate]).toEqual([[lock.token], "granted"]);
  });
});

it.each(ENDS)(
  "[CO4] [W2] when $way, whoever is notified in its stead has the lock in the same step",
  ({ end }) => {
    const [first, second] = [parked(ann), parked(bob)];
    const lock = dan.acquire();
    dan.notify(lock);
    dan.release(lock);
    end(ann, first);
    const { token } = second;
    // What the disk says comes last in the step: the grant, and not that it waits for one.
    rig.restart();
    expect([rig.holders, rig.line, bob.repeat(second).token]).toEqual([["bob"], [], token]);
  },
);

it("[CO3] [CO4] [W1] whoever is notified in another's stead stands at the end of the lock's line", () => {
  const [first] = [parked(ann), parked(bob)];
  const lock = dan.acquire();
  dan.notify(lock);
  cat.acquire();
  ann.cancel(first);
  expect(rig.line).toEqual(["ann", "cat", "bob"]);
  rig.restart();
  expect(rig.line).toEqual(["ann", "cat", "bob"]);
});

it("[CO4] the lock that a notified waiter released was used: nobody else is woken", () => {
  const [first, second] = [parked(ann), parked(bob)];
  const lock = dan.acquire();
  dan.notify(lock);
  dan.release(lock);
  ann.release(first);
  ann.end();
  expect([second.fate, rig.line]).toEqual(["unanswered", ["bob"]]);
});

it("[CO4] nor when it waits again", () => {
  const [first, second] = [parked(ann), parked(bob)];
  const lock = dan.acquire();
  dan.notify(lock);
  dan.release(lock);
  ann.park(first);
  rig.silence(ann);
  expect([second.fate, rig.line]).toEqual(["unanswered", ["bob"]]);
});
