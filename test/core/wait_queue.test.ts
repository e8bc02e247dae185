import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WaitQueue } from "../../objects/core/wait_queue.ts";

interface Waiter {
  readonly name: string;
}

const waiters: readonly Waiter[] = Array.from("abcdefgh", (name) => ({ name }));
const [a, b, c] = waiters as [Waiter, Waiter, Waiter];

function queueOf(...joining: readonly Waiter[]): WaitQueue<Waiter> {
  const queue = new WaitQueue<Waiter>();
  for (const waiter of joining) queue.join(waiter);
  return queue;
}

function outcome<Value>(act: () => Value): Value | "refused" {
  try {
    return act();
  } catch {
    return "refused";
  }
}

describe("WaitQueue", () => {
  it("is empty when new", () => {
    const queue = queueOf();
    expect([queue.size, queue.first(), [...queue]]).toEqual([0, null, []]);
  });

  it("[W1] keeps the order of arrival", () => {
    expect([...queueOf(b, a, c)]).toEqual([b, a, c]);
  });

  it("[W1] who leaves and joins again is last", () => {
    const queue = queueOf(a, b);
    queue.leave(a);
    queue.join(a);
    expect([...queue]).toEqual([b, a]);
  });

  it.each([
    { place: "first", leaving: a, left: [b, c] },
    { place: "middle", leaving: b, left: [a, c] },
    { place: "last", leaving: c, left: [a, b] },
  ])("[W3] the $place may leave, and the others close ranks", ({ leaving, left }) => {
    const queue = queueOf(a, b, c);
    expect(queue.leave(leaving)).toBe(true);
    expect([queue.first(), [...queue]]).toEqual([left[0], left]);
  });

  it("the last one may leave, and others may join after that", () => {
    const queue = queueOf(a);
    queue.leave(a);
    queue.join(b);
    expect([queue.first(), [...queue]]).toEqual([b, [b]]);
  });

  it("who is not in line cannot leave it", () => {
    const queue = queueOf(a);
    expect(queue.leave(b)).toBe(false);
    expect(queue.size).toBe(1);
  });

  it("nobody waits twice in one line", () => {
    expect(() => queueOf(a, a)).toThrow("nobody waits twice");
  });

  it("two that look alike are two", () => {
    const twin = { ...a };
    const queue = queueOf(a, twin);
    queue.leave(a);
    expect(queue.first()).toBe(twin);
  });

  it("[W1] agrees with an array after any joins and leaves", () => {
    const step = fc.record({ join: fc.boolean(), index: fc.nat(waiters.length - 1) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = queueOf();
        let model: Waiter[] = [];
        for (const { join, index } of steps) {
          const waiter = waiters[index] ?? a;
          const waits = model.includes(waiter);
          const said = outcome(() => (join ? queue.join(waiter) : queue.leave(waiter)));
          expect(said).toBe(join ? (waits ? "refused" : undefined) : waits);
          model = model.filter((other) => join || other !== waiter);
          if (join && !waits) model.push(waiter);
          expect([...queue]).toEqual(model);
          expect([queue.size, queue.first()]).toEqual([model.length, model[0] ?? null]);
        }
      }),
    );
  });
});
