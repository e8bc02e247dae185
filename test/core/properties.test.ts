import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LockMachine } from "../../objects/core/lock.ts";
import type { Session } from "../../objects/core/claim.ts";
import type { Effect, Machine } from "../../objects/core/machine.ts";
import { SemaphoreMachine } from "../../objects/core/semaphore.ts";
import type { Result } from "../../sdk/protocol.ts";
import { Rig } from "../support/machines.ts";
import { NaiveLine, type Said } from "../support/naive_line.ts";
import { anySteps, Story, type Step } from "../support/story.ts";

const SEMAPHORE = { permits: 3, maxPermits: 7 };

const newStory = {
  Lock: () =>
    new Story({
      rig: new Rig((recovered) => new LockMachine(recovered)),
      model: new NaiveLine({ total: 1, maxTotal: 1 }),
    }),
  Semaphore: () =>
    new Story({
      rig: new Rig((recovered) => new SemaphoreMachine(recovered)),
      model: new NaiveLine({ total: SEMAPHORE.permits, maxTotal: SEMAPHORE.maxPermits }),
      config: SEMAPHORE,
    }),
};

/** Lets `check` look at the story after each of any steps. */
function expectAfterAnyStep(kind: keyof typeof newStory, check: (story: Story) => void): void {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const story = newStory[kind]();
      for (const step of steps) {
        const fitting = kind === "Lock" ? lockStep(step) : step;
        story.take(fitting);
        check(story);
      }
    }),
    { numRuns: 300 },
  );
}

/** A lock takes no deposits, and mostly one permit is asked of it. */
function lockStep(step: Step): Step {
  if (step.do === "deposit") return { do: "statistics", who: step.who };
  return step.do === "acquire" && step.permits < 4 ? { ...step, permits: 1 } : step;
}

describe.each(["Lock", "Semaphore"] as const)("%s, after any steps,", (kind) => {
  it("[W1] [W2] [W3] [W4] [W6] [LE3] [LE5] says what the model says", () => {
    expectAfterAnyStep(kind, ({ rig, model }) => {
      expect(inOrder(rig.effects.flatMap(saidBy))).toEqual(inOrder(model.said));
    });
  });

  it("[W1] [LK3] [LE6] has the model's holders and waiters, in the model's order", () => {
    expectAfterAnyStep(kind, ({ rig, model }) => {
      const { holders, waiters } = rig.machine.inspect({ waitersMax: Infinity });
      expect(holders).toEqual(
        model.holders.map(({ session, token, permits, grantedAtMs }) => {
          return { client: session, token, permits, since: grantedAtMs };
        }),
      );
      expect(waiters).toEqual(
        model.waiters.map(({ session, permits, sinceMs }, index) => {
          return { client: session, permits, since: sinceMs, position: index + 1 };
        }),
      );
      expect(rig.machine.nextDeadlineMs).toBe(model.nextDeadlineMs);
    });
  });

  it("[LK1] [SE1] holds no more than there is", () => {
    expectAfterAnyStep(kind, ({ rig, model }) => {
      const { holders } = rig.machine.inspect({ waitersMax: 0 });
      const held = holders.reduce((sum, { permits }) => sum + permits, 0);
      expect(held).toBeLessThanOrEqual(model.total);
      expect(valueOf(rig.machine)).toBe(model.total - held);
      expect(kind === "Semaphore" || holders.length <= 1).toBe(true);
    });
  });

  it("[W2] [W5] [LK2] lets nobody wait for something that is free", () => {
    expectAfterAnyStep(kind, ({ rig }) => {
      const [first] = rig.machine.inspect({ waitersMax: 1 }).waiters;
      expect(first?.permits ?? Infinity).toBeGreaterThan(valueOf(rig.machine));
    });
  });

  it("[LE2] has given every grant a greater token, whatever the clock did", () => {
    expectAfterAnyStep(kind, ({ tokens }) => {
      expect(tokens).toEqual([...new Set(tokens)].toSorted((a, b) => a - b));
    });
  });

  it("[LE2] [LE5] [W1] [SE1] would be the same after a crash", () => {
    expectAfterAnyStep(kind, ({ rig, clients }) => {
      expect(picture(rig.rebuilt(), clients)).toEqual(picture(rig.machine, clients));
      for (const { session } of clients) {
        expect(deposits(rig.rows.session(session))).toEqual(deposits(session));
      }
    });
  });
});

/** Which requests the session's record takes for applied. */
function deposits({ applied }: Session): number[] {
  return Array.from({ length: 100 }, (_, id) => id).filter((id) => applied.has(id));
}

/** All that can be seen of a machine. */
function picture(machine: Machine, clients: Story["clients"]): unknown {
  return {
    ...machine.inspect({ waitersMax: Infinity }),
    statistics: machine.statistics(),
    nextDeadlineMs: machine.nextDeadlineMs,
    disposable: machine.disposable,
    notConfigured: machine.notConfigured,
    sessions: clients.map(({ session }) => ({
      involved: machine.involves(session),
      tokens: machine.heldTokens(session),
    })),
  };
}

function saidBy(effect: Effect): Said[] {
  if (effect.type === "revoked") {
    return [{ to: effect.session.client, re: "revoked", is: effect.token }];
  }
  if (effect.type !== "reply") return [];
  const { reply, session } = effect;
  const is = "ok" in reply ? plain(reply.ok) : reply.error.code;
  return [{ to: session.client, re: reply.re, is }];
}

function plain(result: Result): Said["is"] {
  if ("token" in result) return result.token;
  if ("locked" in result)
    return { value: result.locked ? 0 : 1, tasksWaiting: result.tasksWaiting };
  if ("value" in result) return { value: result.value, tasksWaiting: result.tasksWaiting };
  return "done";
}

function valueOf(machine: Machine): number {
  const said = plain(machine.statistics());
  return typeof said === "object" ? said.value : Number.NaN;
}

/** What is said to several in one step has no order. */
function inOrder(said: readonly Said[]): string[] {
  return said.map((each) => JSON.stringify(each)).toSorted();
}
