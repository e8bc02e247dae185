import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LimiterMachine } from "../../objects/core/limiter.ts";
import type { ClientRequest, Effect } from "../../objects/core/machine.ts";
import type { LimiterStatistics } from "../../sdk/protocol.ts";
import { NaiveLimiter } from "../support/core/naive_limiter.ts";
import { anyTale, pick, picture, Tale, type Hand } from "../support/core/tale.ts";
import { Rig } from "../support/machines.ts";

type Plan =
  | { op: "acquire"; borrower: string; timeoutMs: number | null }
  | { op: "release"; which: number }
  | { op: "return"; borrower: string }
  | { op: "set-total"; totalTokens: number | null };

const CONFIG = { totalTokens: 2 };
const borrower = fc.constantFrom("a", "b", "c", "d", "e", "f");

const anyPlan: fc.Arbitrary<Plan> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant("acquire"),
      borrower,
      timeoutMs: fc.option(fc.nat(40), { freq: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("release"), which: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("return"), borrower }) },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant("set-total"),
      totalTokens: fc.option(fc.nat(4), { freq: 9 }),
    }),
  },
);

function toRequest(plan: Plan, { id, own, all }: Hand): ClientRequest {
  switch (plan.op) {
    case "acquire": {
      const { borrower, timeoutMs } = plan;
      const asked = { id, op: "acquire", permits: 1, borrower, config: CONFIG } as const;
      return timeoutMs === null ? asked : { ...asked, timeoutMs };
    }
    case "release":
      return { id, op: "release", token: pick(plan.which > 6 ? all : own, plan.which) ?? 1 };
    case "return":
    case "set-total":
      return { id, ...plan, config: CONFIG };
  }
}

/** Lets `check` look at the tale after each of any steps. */
function expectAfterAnyStep(check: (tale: Tale<Plan>, model: NaiveLimiter) => void): void {
  fc.assert(
    fc.property(anyTale(anyPlan), (steps) => {
      const model = new NaiveLimiter(CONFIG.totalTokens);
      const rig = new Rig((recovered) => new LimiterMachine(recovered));
      rig.client("first", CONFIG).statistics();
      const tale = new Tale({ rig, model, toRequest });
      for (const step of steps) {
        tale.take(step);
        check(tale, model);
      }
    }),
    { numRuns: 200 },
  );
}

const grantsIn = (effects: readonly Effect[]): number =>
  effects.filter((each) => each.type === "put-claim" && each.claim.state === "held").length;

describe("Limiter, after any steps,", () => {
  it("[CL1] [CL2] [CL3] [CL4] [W2] [W3] [W4] [LE3] [LE5] says what the model says", () => {
    expectAfterAnyStep(({ said }) => expect(said.actual).toEqual(said.expected));
  });

  it("[CL5] [W1] [LE6] has the model's total, borrowers and waiters, in the model's order", () => {
    expectAfterAnyStep(({ rig }, model) => {
      const statistics = rig.machine.statistics() as LimiterStatistics;
      expect(statistics.totalTokens ?? Infinity).toBe(model.total);
      expect(statistics.availableTokens ?? Infinity).toBe(model.total - model.borrowed.length);
      expect(statistics.borrowers).toEqual(model.borrowed.map(({ borrower }) => borrower));
      const { waiters } = rig.machine.inspect({ waitersMax: Infinity });
      const named = waiters.map(({ client, borrower }) => [client, borrower]);
      expect(named).toEqual(model.waiting.map(({ session, borrower }) => [session, borrower]));
    });
  });

  it("[CL1] no borrower is there twice, holding or waiting", () => {
    expectAfterAnyStep(({ rig }) => {
      const { holders, waiters } = rig.machine.inspect({ waitersMax: Infinity });
      const borrowers = [...holders, ...waiters].map(({ borrower }) => borrower);
      expect(new Set(borrowers).size).toBe(borrowers.length);
    });
  });

  it("[CL5] [W5] grants only what fits, and lets nobody wait for what is free", () => {
    expectAfterAnyStep(({ rig }) => {
      const { availableTokens, tasksWaiting } = rig.machine.statistics() as LimiterStatistics;
      const free = availableTokens ?? Infinity;
      expect(grantsIn(rig.effects) === 0 || free >= 0).toBe(true);
      expect(tasksWaiting === 0 || free <= 0).toBe(true);
    });
  });

  it("[CL1] [CL5] [LE2] [LE5] would be the same after a crash", () => {
    expectAfterAnyStep(({ rig, clients }) => {
      expect(picture(rig.rebuilt(), clients)).toEqual(picture(rig.machine, clients));
    });
  });
});
