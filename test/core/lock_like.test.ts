import { beforeEach, describe, expect, it } from "vitest";
import { LOCK_LIKE, TIMEOUT_MS, WAYS } from "../support/lock_like.ts";
import { Rig, type Client } from "../support/machines.ts";

describe.each(LOCK_LIKE)("$kind", ({ create, config }) => {
  let rig: Rig;
  let ann: Client;
  let bob: Client;
  let cat: Client;
  let dan: Client;

  beforeEach(() => {
    rig = new Rig(create);
    ({ ann, bob, cat, dan } = rig.clients(["ann", "bob", "cat", "dan"], config));
  });

  describe("waiting", () => {
    it("[LK1] the first is granted at once, the second waits", () => {
      expect([ann.acquire().fate, bob.acquire().fate]).toEqual(["granted", "unanswered"]);
      expect([rig.holders, rig.line]).toEqual([["ann"], ["bob"]]);
    });

    it("[LK1] a client excludes itself, too", () => {
      ann.acquire();
      expect(ann.acquire().fate).toBe("unanswered");
    });

    it("[W1] waiters are served in the order of their requests", () => {
      let holding = ann.acquire();
      const waiting = [cat, bob, dan].map((client) => ({ client, call: client.acquire() }));
      let holder = ann;
      for (const { client, call } of waiting) {
        holder.release(holding);
        expect(call.fate).toBe("granted");
        [holder, holding] = [client, call];
      }
    });

    it("[W1] a restart keeps everyone's place", () => {
      const first = ann.acquire();
      for (const client of [cat, bob, dan]) client.acquire();
      rig.restart();
      expect(rig.line).toEqual(["cat", "bob", "dan"]);
      bob.acquire();
      ann.release(first);
      expect([rig.holders, rig.line]).toEqual([["cat"], ["bob", "dan", "bob"]]);
    });

    it("[LK2] [W2] releasing hands straight to the next waiter", () => {
      const first = ann.acquire();
      const second = bob.acquire();
      ann.release(first);
      expect(second.fate).toBe("granted");
      expect(rig.holders).toEqual(["bob"]);
    });

    it("[W2] try takes what is free", () => {
      expect(ann.tryAcquire().fate).toBe("granted");
    });

    it("[W2] try fails at once while it is held, and leaves nothing behind", () => {
      const first = ann.acquire();
      expect(bob.tryAcquire().fate).toBe("timeout");
      expect([rig.line, rig.rows.claimsCount]).toEqual([[], 1]);
      ann.release(first);
      expect(rig.holders).toEqual([]);
    });
  });

  describe("time-outs", () => {
    it("[W4] the server ends the wait when its time is up, and no millisecond earlier", () => {
      ann.acquire();
      const second = bob.acquire({ timeoutMs: TIMEOUT_MS });
      expect(rig.machine.nextDeadlineMs).toBe(rig.nowMs + TIMEOUT_MS);
      rig.advance(TIMEOUT_MS - 1);
      expect(second.fate).toBe("unanswered");
      rig.advance(1);
      expect(second.fate).toBe("timeout");
      expect(rig.machine.nextDeadlineMs).toBeNull();
    });

    it("[W4] a restart does not lengthen the wait", () => {
      ann.acquire();
      const second = bob.acquire({ timeoutMs: TIMEOUT_MS });
      rig.advance(TIMEOUT_MS - 1);
      rig.restart();
      rig.advance(1);
      expect(second.fate).toBe("timeout");
    });

    it("[W4] who was granted in time is not timed out", () => {
      const first = ann.acquire();
      bob.acquire({ timeoutMs: TIMEOUT_MS });
      ann.release(first);
      expect(rig.advance(TIMEOUT_MS)).toEqual([]);
      expect(rig.holders).toEqual(["bob"]);
    });

    it("without a time-out the wait has no end", () => {
      ann.acquire();
      bob.acquire();
      expect(rig.machine.nextDeadlineMs).toBeNull();
      expect(rig.advance(Number.MAX_SAFE_INTEGER)).toEqual([]);
    });
  });

  describe.each(WAYS)("a waiter that is $way", ({ fate, cancel }) => {
    it.each([
      { place: "first", left: ["cat", "dan"] },
      { place: "middle", left: ["bob", "dan"] },
      { place: "last", left: ["bob", "cat"] },
    ])("[W3] leaves from the $place place, and those behind move up", ({ left }) => {
      ann.acquire();
      const waiting = [bob, cat, dan].map((client) => {
        const leaves = !left.includes(client.session.client);
        return { client, leaves, call: client.acquire(leaves ? { timeoutMs: TIMEOUT_MS } : {}) };
      });
      for (const { client, leaves, call } of waiting) if (leaves) cancel(rig, client, call);
      expect(rig.line).toEqual(left);
    });

    it("[LK3] [W3] never holds: the next in line does", () => {
      const first = ann.acquire();
      const second = bob.acquire({ timeoutMs: TIMEOUT_MS });
      const third = cat.acquire();
      cancel(rig, bob, second);
      ann.release(first);
      expect([second.fate, third.fate]).toEqual([fate, "granted"]);
    });

    it("[LK3] never holds after a restart either", () => {
      const first = ann.acquire();
      const second = bob.acquire({ timeoutMs: TIMEOUT_MS });
      cancel(rig, bob, second);
      rig.restart();
      ann.release(first);
      expect([rig.holders, rig.rows.claimsCount]).toEqual([[], 0]);
    });

    it("[W5] leaves nothing that could block whoever comes next", () => {
      const first = ann.acquire();
      cancel(rig, bob, bob.acquire({ timeoutMs: TIMEOUT_MS }));
      ann.release(first);
      expect(cat.tryAcquire().fate).toBe("granted");
    });
  });

  describe("a hand-over that crossed its cancellation", () => {
    it.each(WAYS.filter(({ fate }) => fate === "unanswered"))(
      "[W3] goes to the next in line when its waiter was $way",
      ({ cancel }) => {
        const first = ann.acquire();
        const second = bob.acquire();
        const third = cat.acquire();
        ann.release(first);
        cancel(rig, bob, second);
        expect([third.fate, rig.holders]).toEqual(["granted", ["cat"]]);
      },
    );

    it("[W3] [W5] leaves it free when nobody is next", () => {
      const first = ann.acquire();
      const second = bob.acquire();
      ann.release(first);
      bob.cancel(second);
      expect(rig.holders).toEqual([]);
      expect(rig.machine.involves(bob.session)).toBe(false);
    });
  });

  it("[W3] to cancel what has ended, or never was, is no error and changes nothing", () => {
    const first = ann.acquire();
    ann.release(first);
    bob.acquire();
    expect(ann.cancel(first).fate).toBe("done");
    expect(ann.cancel(ann.cancel(first)).fate).toBe("done");
    expect(rig.holders).toEqual(["bob"]);
  });

  it("[LE3] nobody cancels another's acquire", () => {
    const first = ann.acquire();
    expect(bob.cancel(first).fate).toBe("done");
    expect(rig.holders).toEqual(["ann"]);
  });
});
