import type { Case, Effort, Side } from "./case.ts";
import { median } from "./quantiles.ts";

/** What one side came to: for each round a figure for each question. */
export interface Findings {
  readonly side: string;
  readonly rounds: readonly (readonly number[])[];
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Times all sides of a case in turns, round after round. The machine is not quiet: what slows it down for a while
 * slows all sides down, so a ratio within one round says more than figures that lie seconds apart.
 */
export async function runRounds(
  { base, sides }: Case,
  { rounds, roundMs, warmUpMs }: Effort,
  signal: AbortSignal,
): Promise<Findings[]> {
  const all = [base, ...sides];
  const found = new Map<Side, (readonly number[])[]>(all.map((side) => [side, []]));
  if (warmUpMs > 0) {
    for (const side of all) await unlessAborted(side.measure(warmUpMs), signal);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const side of all) {
      found.get(side)?.push(await unlessAborted(side.measure(roundMs), signal));
    }
  }
  return Array.from(found, ([{ name }, rounds]) => ({ side: name, rounds }));
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** What is not answered must not hold up the end of the run. */
export async function unlessAborted<Value>(
  work: Value | Promise<Value>,
  signal: AbortSignal,
): Promise<Value> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
