import { countFault } from "../sdk/checks.ts";
import { check } from "../sdk/errors.ts";
import { TIME_MS_MAX } from "./clock.ts";

/** What `createTestLatchwork` takes. */
export interface TestLatchworkOptions {
  /** When the clock starts: a `Date`, or milliseconds since the epoch, from 1. Default: 2030-01-01T00:00:00.000Z. */
  readonly now?: number | Date;
  /** All that is random (ids, the spread of reconnects) comes from it: a whole number from 0. Default 1. */
  readonly seed?: number;
  /**
   * True: the disposal of the kit (`await using`, or `dispose`) throws a `LeftoversError` if anything is still held or waited for.
   * Default false.
   */
  readonly failOnLeftovers?: boolean;
}

export interface Settings {
  readonly nowMs: number;
  readonly seed: number;
  readonly failOnLeftovers: boolean;
}

const NOW_MS = Date.UTC(2030, 0, 1);

/** @throws InvalidArgumentError for what is no moment or no seed. */
export function readTestOptions({
  now = NOW_MS,
  seed = 1,
  failOnLeftovers = false,
}: TestLatchworkOptions): Settings {
  const nowMs = now instanceof Date ? now.getTime() : now;
  check(countFault("now", nowMs, { from: 1, to: TIME_MS_MAX }));
  check(countFault("seed", seed, { to: Number.MAX_SAFE_INTEGER }));
  return { nowMs, seed, failOnLeftovers };
}
