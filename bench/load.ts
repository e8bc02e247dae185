import { median } from "./quantiles.ts";

/** A round also ends by itself, whatever the clock says. */
const STEPS_MAX = 100_000;

/** The median of what `step` returns, done one at a time for so long. */
export async function p50(step: () => Promise<number>, forMs: number): Promise<number> {
  const samples: number[] = [];
  await repeat(async () => void samples.push(await step()), performance.now() + forMs);
  return median(samples);
}

/** Steps per second of all lanes together: a closed loop, in which each lane begins anew when it is answered. */
export async function stepsPerSecond(
  lanes: readonly (() => Promise<void>)[],
  forMs: number,
): Promise<number> {
  const startedAtMs = performance.now();
  const counts = await Promise.all(lanes.map((step) => repeat(step, startedAtMs + forMs)));
  const steps = counts.reduce((sum, count) => sum + count, 0);
  return (steps * 1_000) / (performance.now() - startedAtMs);
}

async function repeat(step: () => Promise<void>, untilMs: number): Promise<number> {
  let steps = 0;
  while (steps < STEPS_MAX && performance.now() < untilMs) {
    await step();
    steps += 1;
  }
  return steps;
}
