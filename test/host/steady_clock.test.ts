import { expect, test } from "vitest";
import { SteadyClock } from "../../objects/host/steady_clock.ts";

function clockAt(wallMs: number): { clock: SteadyClock; set: (wallMs: number) => void } {
  const wall = { ms: wallMs };
  const clock = new SteadyClock(() => wall.ms);
  clock.nowMs();
  return { clock, set: (ms) => void (wall.ms = ms) };
}

test("the clock follows the wall's, and stands still rather than run back", () => {
  const { clock, set } = clockAt(1_000);
  set(900);
  expect(clock.nowMs()).toBe(1_000);
  set(1_001);
  expect(clock.nowMs()).toBe(1_001);
});

test("[LE1] a ping that came after the wall clock was set back is as old as it is", () => {
  const { clock, set } = clockAt(20_000);
  set(1_500);
  expect(clock.since(1_200)).toBe(19_700);
});

test("[LE1] a ping from before that counts as new, since nobody knows how old it is", () => {
  const { clock, set } = clockAt(20_000);
  set(1_500);
  expect(clock.since(19_000)).toBe(20_000);
});

test("[LE1] while the wall clock runs true a ping is as old as it says", () => {
  const { clock, set } = clockAt(1_000);
  set(5_000);
  expect(clock.since(2_000)).toBe(2_000);
});
