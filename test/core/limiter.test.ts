import { describe, expect, it } from "vitest";
import { LimiterMachine } from "../../objects/core/limiter.ts";
import { LIMITS } from "../../sdk/protocol.ts";
import { TIMEOUT_MS, WAYS } from "../support/lock_like.ts";
import { Rig, type Client } from "../support/machines.ts";

const NAMES = ["ann", "bob", "cat", "dan"] as const;
const rigOf = (): Rig => new Rig((recovered) => new LimiterMachine(recovered));

/** A limiter that is configured, and four clients of it. */
function limiter(
  totalTokens: number | null,
): Record<(typeof NAMES)[number], Client> & { rig: Rig } {
  const rig = rigOf();
  const clients = rig.clients(NAMES, { totalTokens });
  clients.ann.statistics();
  return { rig, ...clients };
}

const borrowers = (client: Client): unknown =>
  (client.statistics() as { borrowers?: unknown }).borrowers;

describe("borrowing", () => {
  it("as many borrow as there are tokens, and the next waits", () => {
    const { rig, ann, bob } = limiter(2);
    const fates = ["x", "y", "z"].map((borrower) => ann.borrow(borrower).fate);
    expect(fates).toEqual(["granted", "granted", "unanswered"]);
    expect(bob.borrow("w").fate).toBe("unanswered");
    expect([borrowers(bob), rig.line]).toEqual([
      ["x", "y"],
      ["ann", "bob"],
    ]);
  });

  it.each([
    { who: "the same client", again: "ann" },
    { who: "another client", again: "bob" },
  ] as const)("[CL1] a borrower that holds cannot borrow again, by $who", ({ again }) => {
    const { rig, ...clients } = limiter(5);
    clients.ann.borrow("x");
    expect([clients[again].borrow("x").fate, rig.written]).toEqual(["already-borrowed", []]);
    rig.restart();
    expect(clients[again].borrow("x").fate).toBe("already-borrowed");
    expect([rig.holders, rig.line]).toEqual([["ann"], []]);
  });

  it("[CL1] nor one that waits, though the limiter is full, after a restart too", () => {
    const { rig, ann, bob, cat } = limiter(1);
    const first = ann.borrow("x");
    const second = bob.borrow("y");
    expect(cat.borrow("x").fate).toBe("already-borrowed");
    expect([cat.borrow("y").fate, bob.borrow("y").fate]).toEqual([
      "already-borrowed",
      "already-borrowed",
    ]);
    rig.restart();
    expect(cat.borrow("y").fate).toBe("already-borrowed");
    ann.release(first);
    expect([second.fate, rig.line]).toEqual(["granted", []]);
  });

  it("[CL1] with no time to wait it is the double borrow that counts", () => {
    const { ann, bob } = limiter(1);
    ann.borrow("x");
    expect(bob.borrow("x", { timeoutMs: 0 }).fate).toBe("already-borrowed");
    expect(bob.borrow("y", { timeoutMs: 0 }).fate).toBe("timeout");
    expect(bob.borrow("y").fate).toBe("unanswered");
  });

  it("[CL1] who has given back may borrow again, by whatever name was used before", () => {
    const { rig, ann, bob } = limiter(1);
    ann.release(ann.borrow("x"));
    expect(bob.borrow("x").fate).toBe("granted");
    rig.restart();
    ann.giveBack("x");
    expect(ann.borrow("x").fate).toBe("granted");
  });

  it.each(WAYS)("[CL1] [W3] a waiting borrower that is $way may borrow again", (each) => {
    const { rig, ann, bob, cat } = limiter(1);
    const first = ann.borrow("x");
    const leaving = bob.borrow("y", { timeoutMs: TIMEOUT_MS });
    each.cancel(rig, bob, leaving);
    expect([leaving.fate, rig.line]).toEqual([each.fate, []]);
    expect(cat.borrow("y").fate).toBe("unanswered");
    rig.restart();
    ann.release(first);
    expect([borrowers(cat), rig.holders]).toEqual([["y"], ["cat"]]);
  });

  it.each([
    { ending: "ended cleanly", end: (_rig: Rig, client: Client): void => client.end() },
    { ending: "fell silent", end: (rig: Rig, client: Client): void => rig.silence(client) },
  ])("[LE6] [CL1] when its session $ending the tokens go to the next borrowers", ({ end }) => {
    const { rig, ann, bob } = limiter(2);
    ann.borrow("x");
    ann.borrow("y");
    ann.borrow("z");
    const next = [bob.borrow("a"), bob.borrow("b"), bob.borrow("c")];
    end(rig, ann);
    expect(next.map(({ fate }) => fate)).toEqual(["granted", "granted", "unanswered"]);
    expect(bob.borrow("x").fate).toBe("unanswered");
  });

  it("[CL1] an acquire that does not say who borrows is refused", () => {
    const rig = rigOf();
    const ann = rig.client("ann");
    rig.client("bob", { totalTokens: 1 }).statistics();
    expect([ann.acquire().fate, rig.rows.claimsCount]).toEqual(["invalid-argument", 0]);
  });

  it.each([0, 2, 0.5, Number.NaN])("[CL1] a borrower has one token, not %d", (permits) => {
    const { ann, rig } = limiter(5);
    expect(ann.acquire({ permits, borrower: "x" }).fate).toBe("invalid-argument");
    expect([rig.rows.claimsCount, ann.borrow("x").fate]).toEqual([0, "granted"]);
  });

  it("[CL1] [LE5] a repeat that names another borrower has the old grant, and borrows for nobody", () => {
    const { rig, ann, bob } = limiter(2);
    const first = ann.borrow("x");
    const { session } = ann;
    const { id } = first.request;
    rig.ask(session, { id, op: "acquire", permits: 1, borrower: "y" });
    expect(first.replies).toHaveLength(2);
    ann.release(first);
    expect(bob.borrow("y").fate).toBe("granted");
  });
});

describe("giving back on another's behalf", () => {
  it("[CL2] for a borrower that holds nothing is not-borrowed, and changes nothing", () => {
    const { rig, ann } = limiter(1);
    expect([ann.giveBack("x").fate, rig.written]).toEqual(["not-borrowed", []]);
  });

  it("[CL2] nor has one that only waits anything to give back, and it goes on waiting", () => {
    const { rig, ann, bob } = limiter(1);
    ann.borrow("x");
    bob.borrow("y");
    expect([ann.giveBack("y").fate, rig.line]).toEqual(["not-borrowed", ["bob"]]);
  });

  it("[CL2] twice is once too often", () => {
    const { ann, bob } = limiter(1);
    ann.borrow("x");
    expect([bob.giveBack("x").fate, bob.giveBack("x").fate]).toEqual(["done", "not-borrowed"]);
  });

  it("[CL3] anyone may; the borrower's owner is told, and the next in line has the token", () => {
    const { rig, ann, bob, cat } = limiter(1);
    const first = ann.borrow("x");
    const next = bob.borrow("y");
    expect(cat.giveBack("x").fate).toBe("done");
    expect([next.fate, rig.revoked, rig.returned]).toEqual(["granted", [first.token], []]);
    expect([ann.release(first).fate, rig.holders]).toEqual(["not-owner", ["bob"]]);
  });

  it("[CL3] the owner itself may: it is told that it has released", () => {
    const { rig, ann, bob } = limiter(1);
    const first = ann.borrow("x");
    const next = bob.borrow("y");
    expect(ann.giveBack("x").fate).toBe("done");
    expect([next.fate, rig.revoked, rig.returned]).toEqual(["granted", [], [first.token]]);
  });

  it("[CL3] after a restart too", () => {
    const { rig, ann, bob } = limiter(1);
    const { token } = ann.borrow("x");
    rig.restart();
    expect([bob.giveBack("x").fate, rig.revoked, rig.holders]).toEqual(["done", [token], []]);
  });

  it("[CL3] what a session that is gone had borrowed is back already", () => {
    const { rig, ann, bob } = limiter(1);
    ann.borrow("x");
    rig.silence(ann);
    expect(bob.giveBack("x").fate).toBe("not-borrowed");
  });

  it("[LE5] a repeated return gives back once, after a restart either", () => {
    const { rig, ann, bob } = limiter(1);
    ann.borrow("x");
    const back = bob.giveBack("x");
    ann.borrow("x");
    bob.repeat(back);
    rig.restart();
    bob.repeat(back);
    expect(back.replies.map((reply) => "ok" in reply)).toEqual([true, true, true]);
    expect([borrowers(ann), rig.holders]).toEqual([["x"], ["ann"]]);
  });

  it("[LE5] a return that was refused is refused again, though a later one was taken", () => {
    const { rig, ann, bob } = limiter(2);
    ann.borrow("x");
    const refused = bob.giveBack("y");
    bob.giveBack("x");
    rig.restart();
    expect(bob.repeat(refused).fate).toBe("not-borrowed");
  });

  it("[LE5] a return that was refused is refused again, though a hibernation forgot it, and a later one was taken", () => {
    const { rig, ann, bob } = limiter(2);
    ann.borrow("x");
    const refused = bob.giveBack("y");
    rig.restart();
    bob.giveBack("x");
    expect(bob.repeat(refused).fate).toBe("not-borrowed");
  });

  it("an operator's revocation lets the borrower borrow again", () => {
    const { rig, ann, bob } = limiter(1);
    rig.revoke(ann.borrow("x"));
    expect(bob.borrow("x").fate).toBe("granted");
  });
});

describe("reports", () => {
  it("statistics tell the totals, and who borrows, in the order of the grants", () => {
    const { rig, ann, bob } = limiter(3);
    for (const borrower of ["c", "a", "b", "d"]) bob.borrow(borrower);
    const expected = {
      totalTokens: 3,
      borrowedTokens: 3,
      availableTokens: 0,
      borrowers: ["c", "a", "b"],
      tasksWaiting: 1,
    };
    expect(ann.statistics()).toEqual(expected);
    rig.restart();
    expect(ann.statistics()).toEqual(expected);
  });

  it("operators see who borrows by which client, and who waits to", () => {
    const { rig, ann, bob } = limiter(1);
    ann.borrow("x");
    bob.borrow("y");
    expect(rig.machine.inspect({ waitersMax: 9 })).toMatchObject({
      holders: [{ client: "ann", borrower: "x" }],
      waiters: [{ client: "bob", borrower: "y", position: 1 }],
    });
  });

  it("is disposable only until it is configured", () => {
    const rig = rigOf();
    expect(rig.machine.disposable).toBe(true);
    rig.client("ann", { totalTokens: 0 }).statistics();
    expect(rig.machine.disposable).toBe(false);
  });

  it("claimsPerSessionMax: a session borrows and waits that often, and not once more", () => {
    const { ann, bob } = limiter(null);
    for (let claims = 0; claims < LIMITS.claimsPerSessionMax; claims += 1) ann.borrow(`${claims}`);
    expect(ann.borrow("x").replies).toMatchObject([
      { error: { limit: "claimsPerSessionMax", max: LIMITS.claimsPerSessionMax } },
    ]);
    expect(bob.borrow("x").fate).toBe("granted");
  });
});
