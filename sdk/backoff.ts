import type { Environment } from "./environment.ts";

const FIRST_MS = 50;
const LONGEST_MS = 2_000;

/**
 * How long to wait before the next attempt, after so many that failed: doubling, and drawn from the whole range, so
 * that a crowd spreads out.
 */
export function backoffMs(
  { environment, ttlMs }: { environment: Environment; ttlMs: number },
  failures: number,
): number {
  return environment.random() * Math.min(LONGEST_MS, ttlMs / 4, FIRST_MS * 2 ** failures);
}
