import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConditionMachine } from "../../objects/core/condition.ts";
import type { ClientRequest } from "../../objects/core/machine.ts";
import type { ConditionStatistics } from "../../sdk/protocol.ts";
import { NaiveCondition } from "../support/core/naive_condition.ts";
import { anyTale, pick, picture, Tale, type Hand, type Step } from "../support/core/tale.ts";
import { Rig } from "../support/machines.ts";

/** `which` picks one of the session's own tokens; now and then one of all. */
type Plan =
  | { op: "acquire"; timeoutMs: number | null }
  | { op: "wait"; which: number; timeoutMs: number | null }
  | { op: "notify"; which: number; count: number | null }
  | { op: "release"; which: number };

const which = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.nat(9) },
);
const timeoutMs = fc.option(fc.nat(40), { freq: 2 });

const anyPlan: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant("acquire"), timeoutMs }) },
  { weight: 5, arbitrary: fc.record({ op: fc.constant("wait"), which, timeoutMs }) },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant("notify"),
      which,
      count: fc.option(fc.constantFrom(0, 1, 1, 1, 2), { freq: 9 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ op: fc.constant("release"), which }) },
);

function toRequest(plan: Plan, { id, own, all }: Hand): ClientRequest {
  switch (plan.op) {
    case "acquire":
      return { id, op: "acquire", permits: 1, ...optional("timeoutMs", plan.timeoutMs) };
    case "wait":
      return { id, op: "wait", token: tokenOf(plan), ...optional("timeoutMs", plan.timeoutMs) };
    case "notify":
      return { id, op: "notify", token: tokenOf(plan), ...optional("count", plan.count) };
    case "release":
      return { id, op: "release", token: tokenOf(plan) };
  }
  function tokenOf({ which }: { which: number }): number {
    return pick(which > 6 ? all : own, which) ?? 1;
  }
}

function optional(name: string, value: number | null): object {
  return value === null ? {} : { [name]: value };
}

/** Everybody waits to be notified: there most tales of interest begin. */
const PARKED: readonly Step<Plan>[] = [0, 1, 2, 3].flatMap((who) => [
  { do: "ask", who, plan: { op: "acquire", timeoutMs: null } },
  { do: "ask", who, plan: { op: "wait", which: 0, timeoutMs: null } },
]);

/** Lets `check` look at the tale after each of any steps. */
function expectAfterAnyStep(
  check: (tale: Tale<Plan>, model: NaiveCondition, step: Step<Plan>) => void,
): void {
  fc.assert(
    fc.property(anyTale(anyPlan), (steps) => {
      const model = new NaiveCondition();
      const rig = new Rig((recovered) => new ConditionMachine(recovered));
      const tale = new Tale({ rig, model, toRequest });
      for (const step of [...PARKED, ...steps]) {
        tale.take(step);
        check(tale, model, step);
      }
    }),
    { numRuns: 200 },
  );
}

describe("Condition, after any steps,", () => {
  it("[CO1] [CO2] [CO4] [CO5] [CO6] [LE3] [LE5] [W4] says what the model says", () => {
    expectAfterAnyStep(({ said }) => expect(said.actual).toEqual(said.expected));
  });

  it("[CO3] [W1] [W3] has the model's holder, line and waiters, in the model's order", () => {
    expectAfterAnyStep(({ rig }, model) => {
      const { waiters } = rig.machine.inspect({ waitersMax: Infinity });
      const named = (waitsFor: string): string[] =>
        waiters.filter((each) => each.waitsFor === waitsFor).map(({ client }) => client);
      expect(rig.holders).toEqual(model.holder === null ? [] : [model.holder.session]);
      expect(named("lock")).toEqual(model.line.map(({ session }) => session));
      expect(named("notification")).toEqual(model.parked.map(({ session }) => session));
      const deadlines = [...model.line, ...model.parked].map(({ deadlineMs }) => deadlineMs);
      const earliest = Math.min(...deadlines);
      expect(rig.machine.nextDeadlineMs).toBe(earliest === Infinity ? null : earliest);
    });
  });

  it("[LK1] [W2] [W5] has one holder at most, and nobody in the lock's line while it is free", () => {
    expectAfterAnyStep(({ rig }) => {
      const { lock } = rig.machine.statistics() as ConditionStatistics;
      expect(rig.holders.length).toBe(lock.locked ? 1 : 0);
      expect(lock.locked || lock.tasksWaiting === 0).toBe(true);
    });
  });

  it("[CO4] loses no notification while somebody waits for one", () => {
    let before = 0;
    expectAfterAnyStep(({ rig }, _model, step) => {
      const after = rig.rows.claims.filter(({ detail }) => detail === "notified").length;
      const isUse = step.do === "ask" || step.do === "repeat";
      const used = rig.effects.filter(
        (effect) => isUse && effect.type === "drop-claim" && effect.claim.detail === "notified",
      ).length;
      const { tasksWaiting } = rig.machine.statistics() as ConditionStatistics;
      expect(tasksWaiting === 0 || after >= before - used).toBe(true);
      before = after;
    });
  });

  it("[CO2] [CO3] [LE2] [LE5] would be the same after a crash", () => {
    expectAfterAnyStep(({ rig, clients }) => {
      expect(picture(rig.rebuilt(), clients)).toEqual(picture(rig.machine, clients));
    });
  });
});
