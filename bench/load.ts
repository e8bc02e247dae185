import type { Side } from "./case.ts";
import { median } from "./quantiles.ts";

/** A round also ends by itself, whatever the clock says. */
const STEPS_MAX = 100_000;

/** A side with one figure: the median of what `step` returns, done one at a time. */
export function p50(name: string, step: () => Promise<number>): Side {
  return {
    name,
    measure: async (forMs) => {
      const samples: number[] = [];
      await repeat(async () => void samples.push(await step()), performance.now() + forMs);
      return [median(samples)];
    },
  };
}

/**
 * A side with one figure: what all lanes get done in a second. It is a closed loop, in which each lane begins anew
 * when it is answered; a step counts for so many.
 */
export function perSecond(
  name: string,
  lanes: readonly (() => Promise<void>)[],
  countsFor = 1,
): Side {
  return {
    name,
    measure: async (forMs) => {
      const startedAtMs = performance.now();
      const counts = await Promise.all(lanes.map((step) => repeat(step, startedAtMs + forMs)));
      const steps = counts.reduce((sum, count) => sum + count, 0);
      return [(countsFor * steps * 1_000) / (performance.now() - startedAtMs)];
    },
  };
}

/** How long it took, in milliseconds. */
export async function timed(step: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await step();
  return performance.now() - startedAtMs;
}

export async function repeat(step: () => Promise<void>, untilMs: number): Promise<number> {
  let steps = 0;
  while (steps < STEPS_MAX && performance.now() < untilMs) {
    await step();
    steps += 1;
  }
  return steps;
}
