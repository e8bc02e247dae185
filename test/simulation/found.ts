import type { Kind } from "../../sdk/protocol.ts";
import type { Fault } from "./world/faults.ts";

/** A run that failed once. */
export interface Found {
  readonly seed: number;
  readonly kind: Kind;
  readonly rules: string;
  readonly what: string;
  /** Where only these happened, so many times as often as usual. */
  readonly faults?: readonly Fault[];
  readonly often?: number;
}

/**
 * What the simulation has found, each a mutant now as well. A change to the simulation moves the seeds: the runner of the
 * mutants says by which seed each is found first.
 */
export const FOUND: readonly Found[] = [
  {
    seed: 20_046,
    kind: "lock",
    rules: "LE1",
    what: "a socket that was being closed was taken for the session's after a hibernation",
  },
  {
    seed: 20_018,
    kind: "stream",
    rules: "LE5 ST8",
    what: "an aborted send that never arrived was said to be sent",
  },
  {
    seed: 20_118,
    kind: "stream",
    rules: "LE5 ST8",
    what: "a refused send was said to be sent, when a later one had waited through a crash",
  },
  {
    seed: 20_047,
    kind: "limiter",
    rules: "LE1",
    what: "clients were given up though they pinged, since the clock had been set back",
  },
  {
    seed: 20_835,
    kind: "event",
    rules: "LE1",
    what: "a session ended early after two hibernations",
  },
  {
    seed: 21_129,
    kind: "limiter",
    rules: "LE5 W5",
    what: "a repeat that came after its answer was granted once more, to nobody",
  },
];
