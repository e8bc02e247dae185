import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StreamStatistics } from "../../sdk/protocol.ts";
import { anyStreamPlan, StreamPart, type StreamPlan } from "../support/host_stream_part.ts";
import { anyTaleOf, HostTale, type TaleStep } from "../support/host_tale.ts";
import { earliestDueMs } from "../support/due.ts";

interface Told {
  readonly tale: HostTale<StreamPlan>;
  readonly part: StreamPart;
}

describe.each([0, 2])(
  "a host of a stream with a buffer of %i, whatever happens,",
  (maxBufferSize) => {
    function tellAny(tell: (told: Told, steps: TaleStep<StreamPlan>[]) => void): void {
      fc.assert(
        fc.property(anyTaleOf(anyStreamPlan), (steps) => {
          const part = new StreamPart(maxBufferSize);
          const tale = new HostTale(part);
          part.keepOpen(tale.world);
          tell({ tale, part }, steps);
        }),
        { numRuns: 250 },
      );
    }

    it("[ST2, ST3] loses no item that it has accepted, and gives none twice but marked", () => {
      tellAny(({ tale, part }, steps) => {
        for (const step of steps) tale.take(step);
        tale.heal();
        const { items } = tale.world.store;
        const kept = new Set(Array.from(items.values(), ({ text }) => text));
        const given = new Set(part.read.map(({ item }) => item));
        for (const item of part.accepted) expect(kept.has(item) || given.has(item)).toBe(true);
        const unmarked = part.read.filter(({ redelivered }) => redelivered !== true);
        expect(new Set(unmarked.map(({ item }) => item)).size).toBe(unmarked.length);
      });
    });

    it("[ST3] has on disk what a client was given, until that client confirms it", () => {
      tellAny(({ tale, part }, steps) => {
        for (const step of steps) {
          tale.take(step);
          const { items } = tale.world.store;
          for (const { seq } of part.read)
            expect(items.has(seq) || part.confirmed.has(seq)).toBe(true);
        }
      });
    });

    it("[ST2] keeps items in their order, and every blocked call in its place, across whatever takes its memory", () => {
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

    it("[W5, ST10] after the network heals lets nobody wait for what is there", () => {
      tellAny(({ tale }, steps) => {
        for (const step of steps) tale.take(step);
        tale.heal();
        const at = tale.world.host.inspect() as StreamStatistics;
        const { currentBufferUsed, tasksWaitingReceive, tasksWaitingSend } = at;
        expect(tasksWaitingReceive > 0 && currentBufferUsed + tasksWaitingSend > 0).toBe(false);
        expect(tasksWaitingSend > 0 && currentBufferUsed < maxBufferSize).toBe(false);
      });
    });

    it("[W4, LE1] has its alarm armed for whatever is due next", () => {
      tellAny(({ tale }, steps) => {
        for (const step of steps) {
          tale.take(step);
          tale.take({ do: "end turn" });
          const { world } = tale;
          expect(world.armedAtMs ?? Infinity).toBeLessThanOrEqual(
            earliestDueMs(world, (session) => tale.heardAtMs(session)),
          );
        }
      });
    });
  },
);
