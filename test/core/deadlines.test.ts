import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Deadlines } from "../../objects/core/deadlines.ts";

interface Item {
  readonly name: number;
}

const items: readonly Item[] = Array.from({ length: 12 }, (_, name) => ({ name }));
const [a, b, c] = items as [Item, Item, Item];

function deadlinesOf(...entries: readonly (readonly [Item, number])[]): Deadlines<Item> {
  const deadlines = new Deadlines<Item>();
  for (const [item, atMs] of entries) deadlines.set(item, atMs);
  return deadlines;
}

function takeAllDue(deadlines: Deadlines<Item>, nowMs: number): Item[] {
  const item = deadlines.takeDue(nowMs);
  return item === null ? [] : [item, ...takeAllDue(deadlines, nowMs)];
}

describe("Deadlines", () => {
  it("has no earliest moment when empty", () => {
    const deadlines = deadlinesOf();
    expect([deadlines.size, deadlines.earliestMs]).toEqual([0, null]);
    expect(deadlines.takeDue(Infinity)).toBeNull();
  });

  it("[W4] nothing is due a millisecond early, and something is on the millisecond", () => {
    const deadlines = deadlinesOf([a, 10]);
    expect(deadlines.takeDue(9)).toBeNull();
    expect(deadlines.takeDue(10)).toBe(a);
    expect(deadlines.size).toBe(0);
  });

  it("gives the earliest first", () => {
    expect(takeAllDue(deadlinesOf([a, 30], [b, 10], [c, 20]), 25)).toEqual([b, c]);
  });

  it("an item has one moment, the last that was set", () => {
    const deadlines = deadlinesOf([a, 10], [b, 20], [a, 30]);
    expect(deadlines.size).toBe(2);
    expect(takeAllDue(deadlines, 30)).toEqual([b, a]);
  });

  it("what was taken out is never due", () => {
    const deadlines = deadlinesOf([a, 10], [b, 20]);
    deadlines.delete(a);
    deadlines.delete(c);
    expect(deadlines.earliestMs).toBe(20);
    expect(takeAllDue(deadlines, 100)).toEqual([b]);
  });

  it("agrees with a list of moments after any sets, deletes and takes", () => {
    const item = fc.constantFrom(...items);
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record({ do: fc.constant("set"), item, atMs: fc.nat(20) }),
      fc.record({ do: fc.constant("delete"), item }),
      fc.record({ do: fc.constant("take"), nowMs: fc.nat(20) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
        const deadlines = deadlinesOf();
        const model = new Map<Item, number>();
        for (const each of steps) {
          const earliestMs = Math.min(...model.values());
          const dueMs = each.do === "take" && earliestMs <= each.nowMs ? earliestMs : null;
          expect(play(each, deadlines, model)).toBe(dueMs);
          expect(deadlines.size).toBe(model.size);
          expect(deadlines.earliestMs ?? Infinity).toBe(Math.min(...model.values()));
        }
        const left = takeAllDue(deadlines, 20).map((each) => model.get(each));
        expect(left).toEqual([...model.values()].toSorted((x, y) => x - y));
      }),
    );
  });
});

type Step =
  | { do: "set"; item: Item; atMs: number }
  | { do: "delete"; item: Item }
  | { do: "take"; nowMs: number };

/** Takes the step on both sides; the answer is the moment of what was taken as due. */
function play(step: Step, deadlines: Deadlines<Item>, model: Map<Item, number>): number | null {
  switch (step.do) {
    case "set":
      deadlines.set(step.item, step.atMs);
      model.set(step.item, step.atMs);
      return null;
    case "delete":
      deadlines.delete(step.item);
      model.delete(step.item);
      return null;
    case "take": {
      const taken = deadlines.takeDue(step.nowMs);
      if (taken === null) return null;
      const atMs = model.get(taken) ?? Number.NaN;
      model.delete(taken);
      return atMs;
    }
  }
}
