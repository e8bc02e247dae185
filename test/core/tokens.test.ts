import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Tokens } from "../../objects/core/tokens.ts";

describe("Tokens", () => {
  it("[LE2] a token follows the clock, a thousand to the millisecond", () => {
    expect(new Tokens(0).next(1_700_000_000_000)).toBe(1_700_000_000_000_000);
  });

  it("[LE2] tokens within one millisecond grow by one", () => {
    const tokens = new Tokens(0);
    expect([tokens.next(7), tokens.next(7), tokens.next(7)]).toEqual([7_000, 7_001, 7_002]);
  });

  it("[LE2] a clock that was put back does not make them fall", () => {
    const tokens = new Tokens(0);
    expect([tokens.next(9), tokens.next(2), tokens.next(10)]).toEqual([9_000, 9_001, 10_000]);
  });

  it("[LE2] they go on from the greatest that storage remembers", () => {
    expect(new Tokens(5_000).next(3)).toBe(5_001);
  });

  it("[LE2] a wiped storage does not make them fall, as the clock went on", () => {
    const before = new Tokens(0).next(5);
    expect(new Tokens(0).next(6)).toBeGreaterThan(before);
  });

  it("a clock with fractions still gives whole tokens", () => {
    expect(new Tokens(0).next(1.9999)).toBe(1_000);
  });

  it("[LE2] whatever the clock does, each is a safe integer greater than the one before", () => {
    const clock = fc.array(fc.integer({ min: 0, max: 4_102_444_800_000 }), { minLength: 2 });
    fc.assert(
      fc.property(clock, fc.nat(), (moments, last) => {
        const tokens = new Tokens(last);
        const given = [last, ...moments.map((nowMs) => tokens.next(nowMs))];
        expect(given.every((token) => Number.isSafeInteger(token))).toBe(true);
        expect(given).toEqual([...new Set(given)].toSorted((a, b) => a - b));
      }),
    );
  });
});
