import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { earliestDueMs } from "../support/due.ts";
import {
  anyConditionPlan,
  ConditionPart,
  type ConditionPlan,
} from "../support/host_condition_part.ts";
import { anyTaleOf, HostTale, type TaleStep } from "../support/host_tale.ts";

interface Told {
  readonly tale: HostTale<ConditionPlan>;
  readonly part: ConditionPart;
}

function tellAny(tell: (told: Told, steps: TaleStep<ConditionPlan>[]) => void): void {
  fc.assert(
    fc.property(anyTaleOf(anyConditionPlan), (steps) => {
      const part = new ConditionPart();
      tell({ tale: new HostTale(part), part }, steps);
    }),
    { numRuns: 300 },
  );
}

describe("a host of a condition, whatever happens,", () => {
  it("[CO2, CO3, LK1, LK2] has one who holds the lock on disk, and none only if nobody stands in its line", () => {
    tellAny(({ tale }, steps) => {
      for (const step of steps) {
        tale.take(step);
        const claims = [...tale.world.store.claims.values()];
        const contended = claims.filter(({ detail }) => detail !== "parked");
        const held = claims.filter(({ state }) => state === "held");
        expect(held.length).toBe(contended.length > 0 ? 1 : 0);
      }
    });
  });

  it("[CO5, CO6, LE2, LE5] tells no token twice, and ends every wait in one of three ways", () => {
    tellAny(({ tale, part }, steps) => {
      for (const step of steps) tale.take(step);
      tale.heal();
      expect(new Set(part.told).size).toBe(part.told.length);
      const ways = new Set(["notified", "timed-out", "cancelled"]);
      expect(part.woken.filter((each) => !ways.has(each))).toEqual([]);
    });
  });

  it("[CO2, CO3, W1] keeps everybody's place, and what was notified, across whatever takes its memory", () => {
    tellAny(({ tale }, steps) => {
      for (const step of steps) {
        tale.take(step);
        tale.take({ do: "end turn" });
        const before = tale.world.host.inspect();
        tale.take({ do: "hibernate" });
        expect(tale.world.host.inspect()).toEqual(before);
      }
    });
  });

  it("[W4, LE1] has its alarm armed for whatever is due next", () => {
    tellAny(({ tale }, steps) => {
      for (const step of steps) {
        tale.take(step);
        tale.take({ do: "end turn" });
        const dueMs = earliestDueMs(tale.world, (session) => tale.heardAtMs(session));
        expect(tale.world.armedAtMs ?? Infinity).toBeLessThanOrEqual(dueMs);
      }
    });
  });

  it("[W5] once everybody has gone, lets everything go by its alarm alone, and is wiped", () => {
    tellAny(({ tale }, steps) => {
      for (const step of steps) tale.take(step);
      const { world } = tale;
      tale.take({ do: "crash" });
      tale.take({ do: "end turn" });
      for (let rings = 0; world.armedAtMs !== null; rings += 1) {
        expect(rings).toBeLessThan(20);
        world.ring();
      }
      expect([world.store.sessions.size, world.store.claims.size]).toEqual([0, 0]);
      expect(world.store.isUsed).toBe(false);
    });
  });
});
