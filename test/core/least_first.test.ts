import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LeastFirst } from "../../objects/core/least_first.ts";

interface Item {
  readonly name: number;
}

const items: readonly Item[] = Array.from({ length: 12 }, (_, name) => ({ name }));
const [a, b, c] = items as [Item, Item, Item];

function heapOf(...entries: readonly (readonly [Item, number])[]): LeastFirst<Item> {
  const heap = new LeastFirst<Item>();
  for (const [item, key] of entries) heap.set(item, key);
  return heap;
}

function takeAllUpTo(heap: LeastFirst<Item>, limit: number): Item[] {
  const item = heap.takeUpTo(limit);
  return item === null ? [] : [item, ...takeAllUpTo(heap, limit)];
}

describe("LeastFirst", () => {
  it("has no earliest moment when empty", () => {
    const heap = heapOf();
    expect([heap.size, heap.leastKey]).toEqual([0, null]);
    expect(heap.takeUpTo(Infinity)).toBeNull();
  });

  it("[W4] nothing is due a millisecond early, and something is on the millisecond", () => {
    const heap = heapOf([a, 10]);
    expect(heap.takeUpTo(9)).toBeNull();
    expect(heap.takeUpTo(10)).toBe(a);
    expect(heap.size).toBe(0);
  });

  it("gives the earliest first", () => {
    expect(takeAllUpTo(heapOf([a, 30], [b, 10], [c, 20]), 25)).toEqual([b, c]);
  });

  it("an item has one moment, the last that was set", () => {
    const heap = heapOf([a, 10], [b, 20], [a, 30]);
    expect(heap.size).toBe(2);
    expect(takeAllUpTo(heap, 30)).toEqual([b, a]);
  });

  it("what was taken out is never due", () => {
    const heap = heapOf([a, 10], [b, 20]);
    heap.delete(a);
    heap.delete(c);
    expect(heap.leastKey).toBe(20);
    expect(takeAllUpTo(heap, 100)).toEqual([b]);
  });

  it("agrees with a list of moments after any sets, deletes and takes", () => {
    const item = fc.constantFrom(...items);
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record({ do: fc.constant("set"), item, key: fc.nat(20) }),
      fc.record({ do: fc.constant("delete"), item }),
      fc.record({ do: fc.constant("take"), limit: fc.nat(20) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
        const heap = heapOf();
        const model = new Map<Item, number>();
        for (const each of steps) {
          const leastKey = Math.min(...model.values());
          const dueMs = each.do === "take" && leastKey <= each.limit ? leastKey : null;
          expect(play(each, heap, model)).toBe(dueMs);
          expect(heap.size).toBe(model.size);
          expect(heap.leastKey ?? Infinity).toBe(Math.min(...model.values()));
        }
        const left = takeAllUpTo(heap, 20).map((each) => model.get(each));
        expect(left).toEqual([...model.values()].toSorted((x, y) => x - y));
      }),
    );
  });
});

type Step =
  | { do: "set"; item: Item; key: number }
  | { do: "delete"; item: Item }
  | { do: "take"; limit: number };

/** Takes the step on both sides; the answer is the moment of what was taken as due. */
function play(step: Step, heap: LeastFirst<Item>, model: Map<Item, number>): number | null {
  switch (step.do) {
    case "set":
      heap.set(step.item, step.key);
      model.set(step.item, step.key);
      return null;
    case "delete":
      heap.delete(step.item);
      model.delete(step.item);
      return null;
    case "take": {
      const taken = heap.takeUpTo(step.limit);
      if (taken === null) return null;
      const key = model.get(taken) ?? Number.NaN;
      model.delete(taken);
      return key;
    }
  }
}
