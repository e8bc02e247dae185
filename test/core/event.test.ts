import { beforeEach, describe, expect, it } from "vitest";
import { EventMachine } from "../../objects/core/event.ts";
import { LIMITS } from "../../sdk/protocol.ts";
import { TIMEOUT_MS, WAYS } from "../support/lock_like.ts";
import { Rig, type Client } from "../support/machines.ts";

let rig: Rig;
let ann: Client;
let bob: Client;
let cat: Client;

beforeEach(() => {
  rig = new Rig((recovered) => new EventMachine(recovered));
  ({ ann, bob, cat } = rig.clients(["ann", "bob", "cat"]));
});

describe("setting and clearing", () => {
  it("[EV1] wait returns at once when it is set, and leaves nothing behind", () => {
    ann.set();
    expect([bob.wait().fate, rig.rows.claimsCount]).toEqual(["done", 0]);
    expect(rig.written).toEqual([]);
  });

  it("[EV1] with no time to wait it says at once whether it is set", () => {
    expect([bob.wait({ timeoutMs: 0 }).fate, rig.rows.claimsCount]).toEqual(["timeout", 0]);
    ann.set();
    expect(bob.wait({ timeoutMs: 0 }).fate).toBe("done");
  });

  it("[EV1] it is still set after a restart", () => {
    ann.set();
    rig.restart();
    expect(bob.wait().fate).toBe("done");
  });

  it("[EV2] set wakes every waiter with one written row", () => {
    const waiting = [bob, cat, bob].map((client) => client.wait());
    expect(rig.line).toEqual(["bob", "cat", "bob"]);
    ann.set();
    expect(waiting.map(({ fate }) => fate)).toEqual(["done", "done", "done"]);
    expect([rig.line, rig.written]).toEqual([[], ["put-state", "put-session"]]);
  });

  it("[EV2] whoever sets it may be waiting for it, too", () => {
    const waiting = ann.wait();
    expect([ann.set().fate, waiting.fate]).toEqual(["done", "done"]);
  });

  it("[EV3] set on a set event changes nothing", () => {
    ann.set();
    expect([bob.set().fate, rig.written]).toEqual(["done", []]);
  });

  it("[EV3] clear on a cleared event changes nothing, nor for those who wait", () => {
    const waiting = bob.wait();
    expect([ann.clear().fate, rig.written]).toEqual(["done", []]);
    expect([waiting.fate, rig.line]).toEqual(["unanswered", ["bob"]]);
  });

  it("[EV4] after clear, waits block again, again and again", () => {
    for (let round = 0; round < 3; round += 1) {
      const waiting = bob.wait();
      expect(waiting.fate).toBe("unanswered");
      ann.set();
      ann.clear();
      expect(waiting.fate).toBe("done");
      bob.cancel(waiting);
    }
    expect(rig.rows.claimsCount).toBe(0);
  });

  it("[EV4] after clear and a restart, waits block again", () => {
    bob.wait();
    ann.set();
    ann.clear();
    rig.restart();
    const waiting = cat.wait();
    expect([waiting.fate, rig.line]).toEqual(["unanswered", ["cat"]]);
    ann.set();
    expect(waiting.fate).toBe("done");
  });
});

describe("a waiter that was away", () => {
  it("[EV2] [LE5] is told when it asks again, though the event was cleared meanwhile", () => {
    const waiting = bob.wait();
    ann.set();
    ann.clear();
    waiting.replies.length = 0;
    expect(bob.repeat(waiting).fate).toBe("done");
    expect(waiting.result).toEqual({ remembered: true });
  });

  it("[EV2] [LE5] is told after a restart as well, and however often it asks", () => {
    const waiting = bob.wait();
    ann.set();
    ann.clear();
    rig.restart();
    bob.repeat(waiting);
    rig.restart();
    bob.repeat(waiting);
    expect(waiting.replies.slice(1).map((reply) => "ok" in reply)).toEqual([true, true]);
  });

  it("[EV2] is not woken by a set that was before it, when it asks again", () => {
    const first = bob.wait();
    ann.set();
    ann.clear();
    bob.cancel(first);
    rig.restart();
    const second = bob.wait();
    rig.restart();
    expect(bob.repeat(second).fate).toBe("unanswered");
  });

  it("[EV2] [W4] was woken in time, and does not time out later, after a restart either", () => {
    bob.wait({ timeoutMs: TIMEOUT_MS });
    ann.set();
    ann.clear();
    expect(rig.machine.nextDeadlineMs).toBeNull();
    rig.restart();
    expect(rig.machine.nextDeadlineMs).toBeNull();
    expect(rig.advance(TIMEOUT_MS)).toEqual([]);
  });

  it("[EV2] is forgotten when it says that it knows", () => {
    const waiting = bob.wait();
    ann.set();
    expect(bob.cancel(waiting).fate).toBe("done");
    expect([rig.rows.claimsCount, rig.machine.involves(bob.session)]).toEqual([0, false]);
  });

  it("[LE6] is forgotten when its session ends", () => {
    bob.wait();
    cat.wait();
    ann.set();
    bob.end();
    rig.silence(cat);
    expect([rig.rows.claimsCount, rig.machine.involves(cat.session)]).toEqual([0, false]);
  });
});

describe.each(WAYS)("a waiter that is $way", ({ fate, cancel }) => {
  it("[W3] [LE6] leaves the line at once, and the others keep their places", () => {
    ann.wait();
    const leaving = bob.wait({ timeoutMs: TIMEOUT_MS });
    cat.wait();
    cancel(rig, bob, leaving);
    expect([leaving.fate, rig.line]).toEqual([fate, ["ann", "cat"]]);
  });

  it("[W3] [W5] is not woken afterwards, nor after a restart", () => {
    const leaving = bob.wait({ timeoutMs: TIMEOUT_MS });
    cancel(rig, bob, leaving);
    rig.restart();
    ann.set();
    expect([leaving.fate, rig.effects.filter(({ type }) => type === "reply").length]).toEqual([
      fate,
      1,
    ]);
    expect([rig.rows.claimsCount, rig.machine.nextDeadlineMs]).toEqual([0, null]);
  });
});

describe("waiting", () => {
  it("[W1] a restart keeps everyone's place, and who asks again has no second one", () => {
    const waiting = [cat, ann, bob].map((client) => ({ client, call: client.wait() }));
    rig.restart();
    for (const { client, call } of waiting) client.repeat(call);
    expect([rig.line, rig.rows.claimsCount]).toEqual([["cat", "ann", "bob"], 3]);
  });

  it("[W1] [LE5] who asks again keeps its place before those who came later, and writes nothing", () => {
    const [first] = [cat.wait(), ann.wait(), bob.wait()];
    for (let times = 0; times < 2; times += 1) {
      expect([cat.repeat(first).fate, rig.written]).toEqual(["unanswered", []]);
      expect(rig.line).toEqual(["cat", "ann", "bob"]);
      rig.restart();
      expect(rig.line).toEqual(["cat", "ann", "bob"]);
    }
  });

  it("[W4] it ends when its time is up, no millisecond earlier, and a restart does not lengthen it", () => {
    const waiting = bob.wait({ timeoutMs: TIMEOUT_MS });
    expect(rig.machine.nextDeadlineMs).toBe(rig.nowMs + TIMEOUT_MS);
    rig.restart();
    rig.advance(TIMEOUT_MS - 1);
    expect(waiting.fate).toBe("unanswered");
    rig.advance(1);
    expect([waiting.fate, rig.rows.claimsCount]).toEqual(["timeout", 0]);
  });

  it("[LE3] nobody cancels another's wait", () => {
    const waiting = bob.wait();
    cat.cancel(waiting);
    expect(rig.line).toEqual(["bob"]);
  });

  it("has no owner: nothing is held, nothing can be released or revoked", () => {
    ann.set();
    expect(ann.release({ token: 1 }).fate).toBe("not-owner");
    expect(rig.apply({ type: "revoke", token: 1 })).toEqual([]);
    expect(rig.machine.heldTokens(ann.session)).toEqual([]);
  });
});

describe("a request whose answer was lost", () => {
  it("[LE5] a repeated set does not undo another's clear, after a restart either", () => {
    const set = ann.set();
    bob.clear();
    expect([ann.repeat(set).fate, ann.statistics()]).toMatchObject(["done", { isSet: false }]);
    rig.restart();
    expect([ann.repeat(set).fate, ann.statistics()]).toMatchObject(["done", { isSet: false }]);
    expect(set.replies).toHaveLength(3);
  });

  it("[LE5] a repeated clear does not undo another's set, after a restart either", () => {
    ann.set();
    const clear = ann.clear();
    bob.set();
    ann.repeat(clear);
    rig.restart();
    expect([ann.repeat(clear).fate, ann.statistics()]).toMatchObject(["done", { isSet: true }]);
  });

  it("[LE5] [EV2] a repeated set wakes nobody who came later", () => {
    const set = ann.set();
    ann.clear();
    const waiting = bob.wait();
    rig.restart();
    ann.repeat(set);
    expect(waiting.fate).toBe("unanswered");
  });

  it("[LE5] the same number in another session is another set", () => {
    ann.set();
    cat.clear();
    expect(bob.set().fate).toBe("done");
    expect(ann.statistics()).toMatchObject({ isSet: true });
  });
});

describe("statistics and the rest", () => {
  it("tell whether it is set, and how many wait; who was woken waits no more", () => {
    bob.wait();
    expect(ann.statistics()).toEqual({ isSet: false, tasksWaiting: 1 });
    ann.set();
    expect(ann.statistics()).toEqual({ isSet: true, tasksWaiting: 0 });
    rig.restart();
    expect(ann.statistics()).toEqual({ isSet: true, tasksWaiting: 0 });
  });

  it("is disposable while it is not set and nobody waits, or was woken and has not heard", () => {
    const waiting = bob.wait();
    expect(rig.machine.disposable).toBe(false);
    ann.set();
    ann.clear();
    expect(rig.machine.disposable).toBe(false);
    bob.cancel(waiting);
    expect(rig.machine.disposable).toBe(true);
    ann.set();
    expect(rig.machine.disposable).toBe(false);
  });

  it("takes no configuration, and no acquire", () => {
    expect(rig.client("dan", { permits: 1 }).set().fate).toBe("invalid-argument");
    expect(ann.acquire().fate).toBe("protocol");
    expect([rig.machine.notConfigured, ann.statistics()]).toMatchObject([null, { isSet: false }]);
  });
});

describe("limits", () => {
  it("claimsPerSessionMax: a session waits that often, and not once more", () => {
    for (let waits = 1; waits < LIMITS.claimsPerSessionMax; waits += 1) bob.wait();
    const last = bob.wait();
    expect([last.fate, bob.wait().replies]).toMatchObject([
      "unanswered",
      [{ error: { limit: "claimsPerSessionMax", max: LIMITS.claimsPerSessionMax } }],
    ]);
    bob.cancel(last);
    expect(bob.wait().fate).toBe("unanswered");
  });

  it("waitersMax: that many wait, and not one more; all of them are woken", () => {
    const crowd = Array.from({ length: 5 }, (_, index) => rig.client(`${index}`));
    for (let waiters = 0; waiters < LIMITS.waitersMax; waiters += 1) {
      crowd[waiters % crowd.length]?.wait();
    }
    expect(bob.wait().replies).toMatchObject([
      { error: { limit: "waitersMax", max: LIMITS.waitersMax } },
    ]);
    ann.set();
    expect(rig.effects.filter(({ type }) => type === "reply")).toHaveLength(LIMITS.waitersMax + 1);
    expect(rig.written).toEqual(["put-state", "put-session"]);
    ann.clear();
    expect(bob.wait().fate).toBe("unanswered");
  });
});
