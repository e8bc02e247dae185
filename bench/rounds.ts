import type { Case, Side } from "./case.ts";
import { median } from "./quantiles.ts";

/** How long to measure. */
export interface Effort {
  readonly rounds: number;
  /** For each side in each round. */
  readonly roundMs: number;
  /** For each side before the first round. */
  readonly warmUpMs: number;
}

/** What one side came to: a figure a round, and that figure divided by the bare runtime's of the same round. */
export interface Findings {
  readonly side: string;
  readonly figures: readonly number[];
  readonly ratios: readonly number[];
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
  const figures = new Map<Side, number[]>(all.map((side) => [side, []]));
  for (const side of all) await unlessAborted(side.measure(warmUpMs), signal);
  for (let round = 0; round < rounds; round += 1) {
    for (const side of all) {
      figures.get(side)?.push(await unlessAborted(side.measure(roundMs), signal));
    }
  }
  const beside = figures.get(base) ?? [];
  return Array.from(figures, ([{ name }, own]) => ({
    side: name,
    figures: own,
    ratios: own.map((figure, round) => figure / (beside[round] ?? Number.NaN)),
  }));
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** A round that is not answered must not hold up the end of the run. */
async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
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
