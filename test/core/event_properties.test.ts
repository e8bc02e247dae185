import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventMachine } from "../../objects/core/event.ts";
import type { ClientRequest } from "../../objects/core/machine.ts";
import { NaiveEvent } from "../support/core/naive_event.ts";
import { anyTale, picture, Tale } from "../support/core/tale.ts";
import { Rig } from "../support/machines.ts";

type Plan = { op: "set" | "clear" } | { op: "wait"; timeoutMs: number | null };

const anyPlan: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ op: fc.constantFrom("set", "clear") }) },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant("wait"),
      timeoutMs: fc.option(fc.nat(40), { freq: 2 }),
    }),
  },
);

function toRequest(plan: Plan, { id }: { id: number }): ClientRequest {
  if (plan.op !== "wait") return { id, op: plan.op };
  const { timeoutMs } = plan;
  return timeoutMs === null ? { id, op: "wait" } : { id, op: "wait", timeoutMs };
}

/** Lets `check` look at the tale after each of any steps. */
function expectAfterAnyStep(check: (tale: Tale<Plan>, model: NaiveEvent) => void): void {
  fc.assert(
    fc.property(anyTale(anyPlan), (steps) => {
      const model = new NaiveEvent();
      const rig = new Rig((recovered) => new EventMachine(recovered));
      const tale = new Tale({ rig, model, toRequest });
      for (const step of steps) {
        tale.take(step);
        check(tale, model);
      }
    }),
    { numRuns: 200 },
  );
}

describe("Event, after any steps,", () => {
  it("[EV1] [EV2] [EV3] [EV4] [W3] [W4] [LE5] says what the model says", () => {
    expectAfterAnyStep(({ said }) => expect(said.actual).toEqual(said.expected));
  });

  it("[W1] [LE6] has the model's flag and the model's waiters, in the model's order", () => {
    expectAfterAnyStep(({ rig, clients }, model) => {
      const { machine } = rig;
      const tasksWaiting = model.waiting.length;
      expect(machine.statistics()).toEqual({ isSet: model.isSet, tasksWaiting });
      expect(rig.line).toEqual(model.waiting.map(({ session }) => session));
      const earliest = Math.min(...model.waiting.map(({ deadlineMs }) => deadlineMs));
      expect(machine.nextDeadlineMs).toBe(earliest === Infinity ? null : earliest);
      const involved = clients.filter(({ session }) => machine.involves(session));
      const remembered = new Set(model.waiters.map(({ session }) => session));
      expect(new Set(involved.map(({ session }) => session.client))).toEqual(remembered);
    });
  });

  it("[EV1] [W5] nobody waits while it is set", () => {
    expectAfterAnyStep(({ rig }) => {
      const { isSet, tasksWaiting } = rig.machine.statistics() as {
        isSet: boolean;
        tasksWaiting: number;
      };
      expect(isSet && tasksWaiting > 0).toBe(false);
    });
  });

  it("[EV2] [LE5] [W1] would be the same after a crash", () => {
    expectAfterAnyStep(({ rig, clients }) => {
      expect(picture(rig.rebuilt(), clients)).toEqual(picture(rig.machine, clients));
    });
  });
});
