import { describe, expect, it } from "vitest";
import { LimiterMachine } from "../../objects/core/limiter.ts";
import { LIMITS } from "../../sdk/protocol.ts";
import { Rig, type Call, type Client } from "../support/machines.ts";

const rigOf = (): Rig => new Rig((recovered) => new LimiterMachine(recovered));

/** A limiter that is configured, and two clients of it. */
function limiter(totalTokens: number | null): { rig: Rig; ann: Client; bob: Client } {
  const rig = rigOf();
  const clients = rig.clients(["ann", "bob"], { totalTokens });
  clients.ann.statistics();
  return { rig, ...clients };
}

const borrowAll = (client: Client, ...borrowers: readonly string[]): Call[] =>
  borrowers.map((borrower) => client.borrow(borrower));
const fates = (calls: readonly Call[]): string[] => calls.map(({ fate }) => fate);

describe("changing the total", () => {
  it("[CL4] raising it admits waiters in order, at once, and no more than fit", () => {
    const { rig, ann, bob } = limiter(1);
    const calls = borrowAll(bob, "a", "b", "c", "d");
    expect(ann.setTotal(3).fate).toBe("done");
    expect(fates(calls)).toEqual(["granted", "granted", "granted", "unanswered"]);
    rig.restart();
    expect(ann.statistics()).toMatchObject({ totalTokens: 3, borrowers: ["a", "b", "c"] });
  });

  it("[CL4] [CL6] without limit it admits everybody", () => {
    const { rig, ann, bob } = limiter(0);
    const calls = borrowAll(bob, "a", "b", "c");
    ann.setTotal(null);
    expect(fates(calls)).toEqual(["granted", "granted", "granted"]);
    rig.restart();
    expect(ann.statistics()).toMatchObject({ totalTokens: null, availableTokens: null });
    expect(bob.borrow("d").fate).toBe("granted");
  });

  it("[CL5] lowering it takes nothing away, and what is available is negative", () => {
    const { rig, ann, bob } = limiter(3);
    borrowAll(bob, "a", "b", "c");
    ann.setTotal(1);
    expect([rig.revoked, rig.holders.length]).toEqual([[], 3]);
    const expected = { totalTokens: 1, borrowedTokens: 3, availableTokens: -2 };
    expect(ann.statistics()).toMatchObject(expected);
    rig.restart();
    expect(ann.statistics()).toMatchObject(expected);
  });

  it("[CL5] no grant is made until borrowed < total", () => {
    const { ann, bob } = limiter(3);
    const held = borrowAll(bob, "a", "b", "c");
    ann.setTotal(2);
    const waiting = ann.borrow("x");
    expect(ann.borrow("y", { timeoutMs: 0 }).fate).toBe("timeout");
    const [first, second] = held;
    if (first === undefined || second === undefined) throw new Error("Nothing was borrowed.");
    bob.release(first);
    expect(waiting.fate).toBe("unanswered");
    bob.release(second);
    expect(waiting.fate).toBe("granted");
  });

  it("[CL5] a later rise admits only what truly fits", () => {
    const { rig, ann, bob } = limiter(4);
    borrowAll(bob, "a", "b", "c", "d");
    ann.setTotal(1);
    const waiting = borrowAll(ann, "x", "y");
    for (const total of [2, 3, 4]) ann.setTotal(total);
    expect(fates(waiting)).toEqual(["unanswered", "unanswered"]);
    rig.restart();
    ann.setTotal(5);
    expect(fates(waiting)).toEqual(["granted", "unanswered"]);
  });

  it("[CL5] [W2] after a lowering nobody barges: who comes waits behind those who wait", () => {
    const { rig, ann, bob } = limiter(1);
    const [first] = borrowAll(bob, "a");
    ann.borrow("x");
    ann.setTotal(0);
    if (first !== undefined) bob.release(first);
    bob.borrow("b");
    expect(rig.line).toEqual(["ann", "bob"]);
    ann.setTotal(1);
    expect(rig.line).toEqual(["bob"]);
  });

  it("[CL6] 0 lets nobody borrow", () => {
    const { ann } = limiter(0);
    expect([ann.borrow("x").fate, ann.borrow("y", { timeoutMs: 0 }).fate]).toEqual([
      "unanswered",
      "timeout",
    ]);
  });

  it.each([-1, 0.5, Number.NaN, Infinity, LIMITS.permitsMax + 1])(
    "[CL6] %d is no total",
    (total) => {
      const { rig, ann } = limiter(1);
      expect([ann.setTotal(total).fate, rig.written]).toEqual(["invalid-argument", []]);
      expect(ann.statistics()).toMatchObject({ totalTokens: 1 });
    },
  );

  it("[CL6] permitsMax is one", () => {
    const { ann } = limiter(1);
    expect(ann.setTotal(LIMITS.permitsMax).fate).toBe("done");
  });

  it("[CL4] to set what is set already writes nothing", () => {
    const { rig, ann } = limiter(1);
    expect([ann.setTotal(1).fate, rig.written]).toEqual(["done", []]);
  });

  it("[LE5] a repeated change does not undo another's, after a restart either", () => {
    const { rig, ann, bob } = limiter(1);
    const change = ann.setTotal(5);
    bob.setTotal(2);
    ann.repeat(change);
    rig.restart();
    expect(ann.repeat(change).fate).toBe("done");
    expect(ann.statistics()).toMatchObject({ totalTokens: 2 });
  });
});

describe("configuration", () => {
  it.each([0, 1, LIMITS.permitsMax, null])("[CL6] %j is a valid total", (totalTokens) => {
    const ann = rigOf().client("ann", { totalTokens });
    expect(ann.statistics()).toMatchObject({ totalTokens });
  });

  it.each([-1, 0.5, Number.NaN, Infinity, LIMITS.permitsMax + 1])(
    "[CL6] %d is none, and fixes nothing",
    (totalTokens) => {
      const rig = rigOf();
      expect(rig.client("ann", { totalTokens }).borrow("x").fate).toBe("invalid-argument");
      expect([rig.written, rig.machine.notConfigured?.code]).toEqual([[], "not-configured"]);
    },
  );

  it("[CL6] what says nothing of tokens is no configuration of a limiter", () => {
    const ann = rigOf().client("ann", { permits: 1 });
    expect(ann.borrow("x").fate).toBe("invalid-argument");
  });

  it("is not configured until somebody states it; then it stands, after a restart too", () => {
    const rig = rigOf();
    const plain = rig.client("plain");
    expect([plain.borrow("x").fate, plain.setTotal(1).fate, plain.giveBack("x").fate]).toEqual([
      "not-configured",
      "not-configured",
      "not-configured",
    ]);
    rig.client("ann", { totalTokens: 1 }).statistics();
    rig.restart();
    expect([plain.borrow("x").fate, rig.machine.notConfigured]).toEqual(["granted", null]);
  });

  it("the first fixes it: who states another is told both, and changes nothing", () => {
    const { rig } = limiter(1);
    const bob = rig.client("bob", { totalTokens: 2 });
    const actual = { totalTokens: 1 };
    expect(bob.borrow("x").replies).toMatchObject([
      { error: { code: "config-mismatch", stated: { totalTokens: 2 }, actual } },
    ]);
    expect(rig.rows.claimsCount).toBe(0);
  });

  it("who states another is told in words what to do", () => {
    const { rig } = limiter(1);
    const [reply] = rig.client("bob", { totalTokens: null }).borrow("x").replies;
    const message =
      "This limiter was configured with totalTokens 1; you stated totalTokens Infinity.";
    expect(reply).toMatchObject({
      error: { message: expect.stringMatching(`^${message} .*setTotalTokens`) as string },
    });
  });

  it("[CL4] what it was configured with stays what it was configured with, whatever the total is now", () => {
    const { rig, ann } = limiter(1);
    ann.setTotal(7);
    rig.restart();
    expect(ann.borrow("x").fate).toBe("granted");
    expect(rig.client("bob", { totalTokens: 7 }).borrow("y").fate).toBe("config-mismatch");
  });
});
