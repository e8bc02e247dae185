import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Tokens } from "../../objects/core/tokens.ts";
import { ClaimTable, type Change } from "../support/claim_table.ts";

const waiting = (claim: string): Change => ({ claim, to: "waiting" });
const held = (claim: string, token: number): Change => ({ claim, to: "held", token });
const ended = (claim: string, token: number | null): Change => ({ claim, to: "ended", token });

/** A table after these turns, the first at 1 ms, the second at 2 ms, and so on. */
function tableAfter(...turns: readonly (readonly Change[])[]): ClaimTable {
  const table = new ClaimTable();
  for (const [index, turn] of turns.entries()) table.commit(turn, index + 1);
  return table;
}

describe("rows of claims", () => {
  it("a new name has none, and no token", () => {
    const { slots, rows } = tableAfter();
    expect([slots.lastToken, slots.lastEndedAtMs, rows.size]).toEqual([0, 0, 0]);
  });

  it("an acquire and its release write one row each, and there is one row in the end", () => {
    const table = new ClaimTable();
    for (let token = 1; token <= 100; token += 1) {
      table.commit([held(`${token}`, token)], token);
      table.commit([ended(`${token}`, token)], token);
      expect([table.writesCount, table.rows.size]).toEqual([2 * token, 1]);
    }
  });

  it("[LE2] the ended claim with the greatest token keeps its row; others are deleted", () => {
    const table = tableAfter([held("a", 1), held("b", 2)], [ended("b", 2)], [ended("a", 1)]);
    expect([...table.rows.values()]).toMatchObject([{ state: "ended", token: 2, at_ms: 2 }]);
    const { claims, slots } = table.read();
    expect([claims, slots.lastToken, slots.lastEndedAtMs]).toEqual([[], 2, 2]);
  });

  it("[LE2] a waiter does not overwrite the greatest token", () => {
    const table = tableAfter([held("a", 5)], [ended("a", 5)], [waiting("b")], [ended("b", null)]);
    expect(table.read().slots.lastToken).toBe(5);
  });

  it("[LE2] a token that was granted and given back within one turn is on disk all the same", () => {
    const table = tableAfter([held("a", 5)], [ended("a", 5)], [ended("b", 6)]);
    expect([table.read().slots.lastToken, table.rows.size]).toEqual([6, 1]);
  });

  it("[LE2] a waiter that was granted and gone within one turn leaves its token on disk", () => {
    const table = tableAfter([held("a", 5), waiting("b")], [ended("a", 5), ended("b", 6)]);
    expect(table.read().slots.lastToken).toBe(6);
  });

  it("a hand-over writes the waiter's own row, and deletes the one before", () => {
    const table = tableAfter([held("a", 1), waiting("b")], [ended("a", 1), held("b", 2)]);
    expect([...table.rows.values()]).toMatchObject([{ session: "b", state: "held", token: 2 }]);
  });

  it.each([false, true])(
    "a row whose token no longer matters is used again (restart: %s)",
    (restart) => {
      const table = tableAfter(
        [held("a", 1), held("b", 2), waiting("c")],
        [ended("b", 2)],
        [ended("a", 1), held("c", 3)],
      );
      if (restart) table.restart();
      table.commit([waiting("d")], 9);
      expect(table.rows.size).toBe(2);
    },
  );

  it("live claims come back as they were", () => {
    const table = tableAfter([held("a", 1), waiting("b")], [held("c", 2), ended("a", 1)]);
    const base = { requestId: 1, permits: 1, detail: null };
    expect(table.read().claims.toSorted((x, y) => (x.session < y.session ? -1 : 1))).toEqual([
      { ...base, session: "b", state: "waiting", requestedAtMs: 1, ticket: 1, deadlineMs: null },
      { ...base, session: "c", state: "held", requestedAtMs: 2, token: 2, grantedAtMs: 2 },
    ]);
  });
});

/** What happens in a turn; `index` picks a claim that lives. */
const move = fc.record({
  type: fc.constantFrom("join", "acquire", "grant", "end", "end"),
  index: fc.nat(20),
});
const anyTurns = fc.array(
  fc.record({
    moves: fc.array(move, { maxLength: 6 }),
    /** Milliseconds that the clock moves after the turn; clocks go back, too. */
    clockMs: fc.integer({ min: -1_000, max: 1_000 }),
    restart: fc.boolean(),
  }),
  { maxLength: 40, size: "max" },
);

/** A table that lives through turns, beside what ought to be true of it. */
class Story {
  readonly table = new ClaimTable();
  readonly granted: number[] = [];
  /** Live claims, with their tokens; `null` for those that wait. */
  readonly live = new Map<string, number | null>();
  /** The most claims that there were in one turn, those that ended in it too. */
  claimsMax = 0;
  #tokens = new Tokens(0);
  #nowMs = 1_000_000;
  #claimsCount = 0;

  turn({ moves, clockMs, restart }: Turn): void {
    const changes = new Map<string, Change>();
    for (const { type, index } of moves) {
      const change = this.#change(type, index);
      if (change !== null) changes.set(change.claim, change);
    }
    const endedCount = [...changes.values()].filter(({ to }) => to === "ended").length;
    this.claimsMax = Math.max(this.claimsMax, this.live.size + endedCount);
    this.table.commit([...changes.values()], this.#nowMs);
    this.#nowMs += clockMs;
    if (!restart) return;
    this.table.restart();
    this.#tokens = new Tokens(this.table.slots.lastToken);
  }

  #change(type: string, index: number): Change | null {
    const joins = type === "join" || type === "acquire";
    const claim = joins ? this.#newClaim() : [...this.live.keys()][index % this.live.size];
    if (claim === undefined) return null;
    const token = this.live.get(claim) ?? null;
    if (type === "end") {
      this.live.delete(claim);
      return ended(claim, token);
    }
    if (type === "join") return this.#live(waiting(claim));
    return token === null ? this.#live(held(claim, this.#nextToken())) : null;
  }

  #live(change: Change): Change {
    this.live.set(change.claim, change.to === "held" ? change.token : null);
    return change;
  }

  #newClaim(): string {
    this.#claimsCount += 1;
    return `claim ${this.#claimsCount}`;
  }

  #nextToken(): number {
    const token = this.#tokens.next(this.#nowMs);
    this.granted.push(token);
    return token;
  }
}

interface Turn {
  readonly moves: readonly { readonly type: string; readonly index: number }[];
  readonly clockMs: number;
  readonly restart: boolean;
}

function expectAfterAnyTurn(check: (story: Story) => void): void {
  fc.assert(
    fc.property(anyTurns, (turns) => {
      const story = new Story();
      for (const turn of turns) {
        story.turn(turn);
        check(story);
      }
    }),
    { numRuns: 500 },
  );
}

describe("rows of claims, after any turns, restarts and jumps of the clock,", () => {
  it("[LE2] have given every grant a greater token", () => {
    expectAfterAnyTurn(({ granted }) => {
      expect(granted).toEqual([...new Set(granted)].toSorted((a, b) => a - b));
    });
  });

  it("[LE2] know the greatest token that was ever told", () => {
    expectAfterAnyTurn(({ table, granted }) => {
      const found = table.read().slots;
      const greatest = granted.at(-1) ?? 0;
      expect([table.slots.lastToken, found.lastToken]).toEqual([greatest, greatest]);
      expect(found.lastEndedAtMs).toBe(table.slots.lastEndedAtMs);
    });
  });

  it("hold every live claim, once, and nothing else that lives", () => {
    expectAfterAnyTurn(({ table, live }) => {
      const claims = table.read().claims.map((claim) => {
        return [claim.session, claim.state === "held" ? claim.token : null] as const;
      });
      expect(claims).toHaveLength(live.size);
      expect(new Map(claims)).toEqual(live);
    });
  });

  it("are at most one more than the claims of the busiest turn", () => {
    expectAfterAnyTurn(({ table, claimsMax }) => {
      expect(table.rows.size).toBeLessThanOrEqual(claimsMax + 1);
    });
  });
});
