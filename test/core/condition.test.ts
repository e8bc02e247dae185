import { beforeEach, describe, expect, it } from "vitest";
import { ConditionMachine } from "../../objects/core/condition.ts";
import { LIMITS } from "../../sdk/protocol.ts";
import { Rig, type Call, type Client } from "../support/machines.ts";

let rig: Rig;
let ann: Client;
let bob: Client;
let cat: Client;
let dan: Client;

/** The client acquires the lock and gives it up again to wait. */
const parked = (client: Client): Call => client.park(client.acquire());

beforeEach(() => {
  rig = new Rig((recovered) => new ConditionMachine(recovered));
  ({ ann, bob, cat, dan } = rig.clients(["ann", "bob", "cat", "dan"]));
});

describe("who may", () => {
  it.each([
    { what: "wait", ask: (client: Client) => client.park({ token: 1 }) },
    { what: "notify", ask: (client: Client) => client.notify({ token: 1 }) },
    { what: "notifyAll", ask: (client: Client) => client.notifyAll({ token: 1 }) },
  ])("[CO1] $what needs the lock, and leaves nothing behind", ({ ask }) => {
    parked(bob);
    expect([ask(ann).fate, rig.written]).toEqual(["not-owner", []]);
    expect([rig.line, rig.rows.claimsCount]).toEqual([["bob"], 1]);
  });

  it("[CO1] a wait that names no lock needs one, too", () => {
    expect([ann.wait().fate, rig.rows.claimsCount]).toEqual(["not-owner", 0]);
  });

  it("[CO1] [LE3] another's lock will not do", () => {
    const waiting = parked(cat);
    const lock = ann.acquire();
    const fates = [bob.park(lock), bob.notify(lock), bob.notifyAll(lock)].map(({ fate }) => fate);
    expect(fates).toEqual(["not-owner", "not-owner", "not-owner"]);
    expect([rig.holders, rig.line, waiting.fate]).toEqual([["ann"], ["cat"], "unanswered"]);
  });

  it("[CO1] a lock that was released will not do, though nobody has it", () => {
    const lock = ann.acquire();
    ann.release(lock);
    const fates = [ann.park(lock), ann.notify(lock), ann.notifyAll(lock)].map(({ fate }) => fate);
    expect(fates).toEqual(["not-owner", "not-owner", "not-owner"]);
    expect(rig.rows.claimsCount).toBe(0);
  });

  it("[CO1] nor will the lock that was given up to wait", () => {
    const lock = ann.acquire();
    ann.park(lock);
    expect([ann.notify(lock).fate, ann.park(lock).fate]).toEqual(["not-owner", "not-owner"]);
    expect([ann.release(lock).fate, rig.line]).toEqual(["not-owner", ["ann"]]);
  });
});

describe("waiting and waking", () => {
  it("[CO2] wait gives up the lock and joins the waiters in one step", () => {
    const lock = ann.acquire();
    const next = bob.acquire();
    const waiting = ann.park(lock);
    expect([next.fate, waiting.fate]).toEqual(["granted", "unanswered"]);
    expect(rig.written).toEqual(["drop-claim", "put-claim", "put-claim"]);
    bob.notify(next);
    bob.release(next);
    expect(waiting.fate).toBe("granted");
  });

  it("[CO2] a restart in between keeps the waiter", () => {
    const waiting = parked(ann);
    rig.restart();
    const lock = bob.acquire();
    bob.notify(lock);
    rig.restart();
    bob.release(lock);
    expect([waiting.fate, waiting.woken]).toEqual(["granted", "notified"]);
  });

  it("[CO3] the notified run only when they have the lock, one after the other", () => {
    const [first, second] = [parked(ann), parked(bob)];
    const lock = cat.acquire();
    cat.notifyAll(lock);
    expect([first.fate, second.fate, rig.holders]).toEqual(["unanswered", "unanswered", ["cat"]]);
    cat.release(lock);
    expect([first.fate, second.fate, rig.holders]).toEqual(["granted", "unanswered", ["ann"]]);
    ann.release(first);
    expect([second.fate, rig.holders]).toEqual(["granted", ["bob"]]);
  });

  it.each([
    { count: 0, notified: [] },
    { count: 1, notified: ["ann"] },
    { count: 2, notified: ["ann", "bob"] },
    { count: 3, notified: ["ann", "bob", "cat"] },
    { count: 4, notified: ["ann", "bob", "cat"] },
    { count: Number.MAX_SAFE_INTEGER, notified: ["ann", "bob", "cat"] },
  ])("[CO3] notify($count) moves that many of three, in order", ({ count, notified }) => {
    for (const client of [ann, bob, cat]) parked(client);
    const lock = dan.acquire();
    expect(dan.notify(lock, count).fate).toBe("done");
    const { waiters } = rig.machine.inspect({ waitersMax: 9 });
    const moved = waiters.filter(({ waitsFor }) => waitsFor === "lock");
    expect(moved.map(({ client }) => client)).toEqual(notified);
    expect(dan.statistics()).toMatchObject({
      tasksWaiting: 3 - notified.length,
      lock: { tasksWaiting: notified.length },
    });
  });

  it("[CO3] [W1] the notified stand behind those who were in the lock's line before", () => {
    parked(ann);
    parked(bob);
    const lock = cat.acquire();
    dan.acquire();
    cat.notifyAll(lock);
    rig.client("eve").acquire();
    expect(rig.line).toEqual(["dan", "ann", "bob", "eve"]);
    rig.restart();
    expect(rig.line).toEqual(["dan", "ann", "bob", "eve"]);
  });

  it("[CO3] [W1] they are notified in the order in which they waited, after a restart too", () => {
    for (const client of [cat, ann, bob]) parked(client);
    rig.restart();
    const lock = dan.acquire();
    dan.notify(lock, 2);
    dan.notify(lock, 1);
    expect(rig.line).toEqual(["cat", "ann", "bob"]);
  });

  it("[CO3] a notification with nobody waiting is not kept for those who come later", () => {
    const lock = ann.acquire();
    ann.notify(lock, 3);
    ann.release(lock);
    const waiting = parked(bob);
    const next = ann.acquire();
    ann.release(next);
    expect([waiting.fate, rig.line]).toEqual(["unanswered", ["bob"]]);
  });

  it.each([-1, 0.5, Number.NaN, Infinity])("[CO3] notify(%d) notifies nobody", (count) => {
    parked(bob);
    const lock = ann.acquire();
    expect(ann.notify(lock, count).fate).toBe("invalid-argument");
    expect(ann.statistics()).toMatchObject({ tasksWaiting: 1 });
  });

  it("[CO6] the token after wait is a new, greater one, and only it is good", () => {
    const lock = ann.acquire();
    const waiting = ann.park(lock);
    rig.nowMs -= 1_000;
    const other = bob.acquire();
    bob.notify(other);
    bob.release(other);
    expect(waiting.token).toBeGreaterThan(other.token);
    expect(other.token).toBeGreaterThan(lock.token);
    expect([ann.release(lock).fate, ann.release(waiting).fate]).toEqual(["not-owner", "done"]);
  });

  it("[CO2] who has the lock again may wait again", () => {
    let waiting = parked(ann);
    for (let round = 0; round < 3; round += 1) {
      const lock = bob.acquire();
      bob.notify(lock);
      bob.release(lock);
      expect(waiting.woken).toBe("notified");
      waiting = ann.park(waiting);
    }
    expect([rig.line, rig.rows.claimsCount]).toEqual([["ann"], 1]);
  });

  it("[CO6] a plain acquire was not woken by anything", () => {
    expect(ann.acquire().result).not.toHaveProperty("woken");
  });
});

describe("a request whose answer was lost", () => {
  it("[LE5] a repeated wait keeps its one place, after a restart too", () => {
    const waiting = parked(ann);
    parked(bob);
    ann.repeat(waiting);
    rig.restart();
    ann.repeat(waiting);
    expect([waiting.replies, rig.line, rig.rows.claimsCount]).toEqual([[], ["ann", "bob"], 2]);
  });

  it("[LE5] [CO6] a repeated wait that was woken has the same grant, after a restart too", () => {
    const waiting = parked(ann);
    const lock = bob.acquire();
    bob.notify(lock);
    bob.release(lock);
    const { result } = waiting;
    ann.repeat(waiting);
    expect([waiting.result, rig.written]).toEqual([result, []]);
    rig.restart();
    ann.repeat(waiting);
    expect([waiting.result, waiting.replies.length, rig.holders]).toEqual([result, 3, ["ann"]]);
  });

  it("[LE5] a repeated notify notifies no second waiter, after a restart either", () => {
    parked(ann);
    const second = parked(bob);
    const lock = cat.acquire();
    const notify = cat.notify(lock);
    cat.repeat(notify);
    rig.restart();
    cat.repeat(notify);
    expect(notify.replies.map((reply) => "ok" in reply)).toEqual([true, true, true]);
    cat.release(lock);
    expect([rig.holders, rig.line, second.fate]).toEqual([["ann"], ["bob"], "unanswered"]);
  });

  it("[LE5] a repeated notify is no fault of one who has released the lock since", () => {
    parked(ann);
    const lock = cat.acquire();
    const notify = cat.notify(lock);
    cat.release(lock);
    expect(cat.repeat(notify).fate).toBe("done");
    rig.restart();
    expect(cat.repeat(notify).fate).toBe("done");
  });

  it("[LE5] a refused notify that is repeated is refused again", () => {
    parked(ann);
    const refused = cat.notify({ token: 1 });
    const lock = cat.acquire();
    cat.notify(lock);
    rig.restart();
    expect(cat.repeat(refused).fate).toBe("not-owner");
  });
});

describe("statistics and the rest", () => {
  it("tell the waiters, and of the lock its owner and its line", () => {
    parked(ann);
    const lock = bob.acquire();
    cat.acquire();
    const expected = {
      tasksWaiting: 1,
      lock: {
        locked: true,
        owner: { client: "bob", token: lock.token, since: rig.nowMs },
        tasksWaiting: 1,
      },
    };
    expect(dan.statistics()).toEqual(expected);
    rig.restart();
    expect(dan.statistics()).toEqual(expected);
  });

  it("operators see what everybody waits for, the lock's line first", () => {
    parked(ann);
    bob.acquire();
    cat.acquire();
    const report = rig.machine.inspect({ waitersMax: 9 });
    expect(report.waiters).toMatchObject([
      { client: "cat", waitsFor: "lock", position: 1 },
      { client: "ann", waitsFor: "notification", position: 2 },
    ]);
  });

  it("is disposable while nobody waits or holds", () => {
    const waiting = parked(ann);
    expect([rig.machine.disposable, rig.machine.involves(ann.session)]).toEqual([false, true]);
    ann.end();
    expect([rig.machine.disposable, waiting.fate]).toEqual([true, "unanswered"]);
  });

  it("takes no configuration, and no set", () => {
    expect(rig.client("eve", { permits: 1 }).acquire().fate).toBe("invalid-argument");
    expect(ann.set().fate).toBe("protocol");
  });

  it.each([0, 2, 0.5, Number.NaN])("its lock has no %d permits to acquire", (permits) => {
    expect(ann.acquire({ permits }).fate).toBe("invalid-argument");
    expect(rig.rows.claimsCount).toBe(0);
  });

  it("waitersMax: that many wait to be notified, and not one more, who keeps the lock", () => {
    const crowd = Array.from({ length: 5 }, (_, index) => rig.client(`${index}`));
    for (let waiters = 0; waiters < LIMITS.waitersMax; waiters += 1) {
      const client = crowd[waiters % crowd.length];
      if (client !== undefined) parked(client);
    }
    const lock = ann.acquire();
    expect(ann.park(lock).replies).toMatchObject([
      { error: { limit: "waitersMax", max: LIMITS.waitersMax } },
    ]);
    expect([rig.holders, ann.notifyAll(lock).fate]).toEqual([["ann"], "done"]);
    expect(ann.statistics()).toMatchObject({ lock: { tasksWaiting: LIMITS.waitersMax } });
  });
});
