import { beforeEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../sdk/protocol.ts";
import { LOCK_LIKE } from "../support/lock_like.ts";
import { Rig, type Call, type Client } from "../support/machines.ts";

describe.each(LOCK_LIKE)("leases of a $kind", ({ create, config }) => {
  let rig: Rig;
  let ann: Client;
  let bob: Client;
  let cat: Client;
  let first: Call;

  beforeEach(() => {
    rig = new Rig(create);
    ({ ann, bob, cat } = rig.clients(["ann", "bob", "cat"], config));
    first = ann.acquire();
  });

  describe("tokens", () => {
    it("[LE2] grow with every grant", () => {
      ann.release(first);
      const second = bob.acquire();
      bob.release(second);
      expect(second.token).toBeGreaterThan(first.token);
      expect(ann.acquire().token).toBeGreaterThan(second.token);
    });

    it("[LE2] grow with every hand-over, though the clock went back", () => {
      const second = bob.acquire();
      rig.nowMs -= 60_000;
      ann.release(first);
      expect(second.token).toBeGreaterThan(first.token);
    });

    it("[LE2] grow across a restart, though the clock went back", () => {
      ann.release(first);
      rig.restart();
      rig.nowMs -= 60_000;
      expect(bob.acquire().token).toBeGreaterThan(first.token);
    });
  });

  describe("owners", () => {
    it("[LE3] a token of another session does not release", () => {
      expect(bob.release(first).fate).toBe("not-owner");
      expect(rig.holders).toEqual(["ann"]);
    });

    it("[LE3] a token that nobody has does not release", () => {
      expect(ann.release({ token: first.token + 1 }).fate).toBe("not-owner");
      expect(rig.holders).toEqual(["ann"]);
    });

    it("[LE3] a second release is refused, and harms nobody", () => {
      ann.release(first);
      bob.acquire();
      expect(ann.release(first).fate).toBe("not-owner");
      expect(rig.holders).toEqual(["bob"]);
    });

    it("[LE3] a late release of a lost lease is refused, and harms nobody", () => {
      ann.end();
      bob.acquire();
      expect(rig.client("ann", config).release(first).fate).toBe("not-owner");
      expect(rig.holders).toEqual(["bob"]);
    });

    it("[LE3] ownership outlives a restart", () => {
      rig.restart();
      expect(bob.release(first).fate).toBe("not-owner");
      expect(ann.release(first).fate).toBe("done");
    });
  });

  describe("a repeated acquire", () => {
    it("[LE5] has the same grant, and writes nothing", () => {
      const { token } = first;
      ann.repeat(first);
      expect([first.replies.length, first.token, rig.written]).toEqual([2, token, []]);
      expect(rig.holders).toEqual(["ann"]);
    });

    it("[LE5] has the same grant after a restart, and at a later time", () => {
      const { token } = first;
      rig.restart();
      rig.advance(5_000);
      expect(ann.repeat(first).token).toBe(token);
      expect(rig.holders).toEqual(["ann"]);
    });

    it("[LE5] [W1] keeps the one place in line", () => {
      const second = bob.acquire();
      cat.acquire();
      rig.restart();
      bob.repeat(second);
      expect(rig.line).toEqual(["bob", "cat"]);
      expect(second.replies).toEqual([]);
    });

    it("[LE5] [W2] has the grant that it missed, and no second one", () => {
      const second = bob.acquire();
      ann.release(first);
      const { token } = second;
      rig.restart();
      expect(bob.repeat(second).token).toBe(token);
      bob.release(second);
      expect(rig.holders).toEqual([]);
    });

    it("[LE5] is told from another's with the same number", () => {
      const second = bob.acquire();
      expect(second.request.id).toBe(first.request.id);
      expect(second.fate).toBe("unanswered");
    });
  });

  describe("the end of a session", () => {
    it("[LE6] frees what it holds, and the next in line has it", () => {
      const second = bob.acquire();
      ann.end();
      expect([second.fate, rig.holders]).toEqual(["granted", ["bob"]]);
    });

    it("[LE6] frees all that it holds and waits for, and none of it comes back to it", () => {
      ann.acquire();
      bob.acquire();
      ann.acquire();
      ann.end();
      expect([rig.holders, rig.line]).toEqual([["bob"], []]);
      expect(rig.machine.involves(ann.session)).toBe(false);
      expect(rig.rows.claimsCount).toBe(1);
    });

    it("[LE6] of a client that asked for nothing changes nothing", () => {
      expect(rig.apply({ type: "end-session", session: cat.session })).toEqual([]);
    });
  });

  describe("an operator", () => {
    it("[LE1] [W2] [LK2] takes a lease away: its owner is told, and the next in line has it", () => {
      const second = bob.acquire();
      rig.revoke(first);
      expect(rig.revoked).toEqual([first.token]);
      expect(second.fate).toBe("granted");
      expect(ann.release(first).fate).toBe("not-owner");
      expect(rig.holders).toEqual(["bob"]);
    });

    it("cannot take what nobody holds", () => {
      expect(rig.apply({ type: "revoke", token: first.token + 1 })).toEqual([]);
    });

    it("leaves the owner's session able to acquire again", () => {
      rig.revoke(first);
      expect(ann.acquire().token).toBeGreaterThan(first.token);
    });
  });

  it("time alone takes nothing from a holder", () => {
    expect(rig.advance(Number.MAX_SAFE_INTEGER - rig.nowMs)).toEqual([]);
    expect(rig.holders).toEqual(["ann"]);
  });

  it("knows whom silence would concern, and what they hold", () => {
    bob.acquire();
    const sessions = [ann.session, bob.session, cat.session];
    expect(sessions.map((session) => rig.machine.involves(session))).toEqual([true, true, false]);
    expect(sessions.map((session) => rig.machine.heldTokens(session))).toEqual([
      [first.token],
      [],
      [],
    ]);
  });

  it("operators see who holds, who waits, and since when", () => {
    const heldSince = rig.nowMs;
    rig.advance(10);
    for (const client of [bob, cat]) client.acquire();
    expect(rig.machine.inspect({ waitersMax: 1 })).toMatchObject({
      holders: [{ client: "ann", token: first.token, permits: 1, since: heldSince }],
      waiters: [{ client: "bob", permits: 1, since: rig.nowMs, position: 1 }],
    });
    expect(rig.line).toEqual(["bob", "cat"]);
  });

  describe("limits", () => {
    it("claimsPerSessionMax: a session has that many claims, and not one more", () => {
      for (let claims = 2; claims <= LIMITS.claimsPerSessionMax; claims += 1) {
        expect(ann.acquire().fate).toBe("unanswered");
      }
      const refused = ann.acquire();
      expect(refused.replies).toMatchObject([
        { error: { limit: "claimsPerSessionMax", max: LIMITS.claimsPerSessionMax } },
      ]);
      expect(bob.acquire().fate).toBe("unanswered");
      ann.cancel(first);
      expect(ann.acquire().fate).toBe("unanswered");
    });

    it("waitersMax: that many wait, and not one more", () => {
      const crowd = Array.from({ length: 5 }, (_, index) => rig.client(`${index}`, config));
      for (let waiters = 0; waiters < LIMITS.waitersMax; waiters += 1) {
        crowd[waiters % crowd.length]?.acquire();
      }
      expect(rig.line).toHaveLength(LIMITS.waitersMax);
      const refused = bob.acquire();
      expect(refused.replies).toMatchObject([
        { error: { limit: "waitersMax", max: LIMITS.waitersMax } },
      ]);
      ann.release(first);
      expect(bob.acquire().fate).toBe("unanswered");
    });
  });
});
