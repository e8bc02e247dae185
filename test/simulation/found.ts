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
  /** How many programs called at once at the most; nobody did where it is left out. */
  readonly callers?: number;
}

/**
 * What the simulation has found, most of it a mutant now as well: these are the first seeds by which `npm run mutants` finds
 * each again. A change to the simulation moves them.
 */
export const FOUND: readonly Found[] = [
  {
    seed: 20_046,
    kind: "lock",
    rules: "LE1",
    what: "a socket that was being closed was taken for the session's after a hibernation",
  },
  {
    seed: 20_000,
    kind: "stream",
    rules: "LE5 ST8",
    what: "an aborted send that never arrived was said to be sent",
  },
  {
    seed: 20_045,
    kind: "stream",
    rules: "LE5 ST8",
    what: "a refusal was forgotten in a crash or a hibernation, and a later send made it look taken",
  },
  {
    seed: 20_002,
    kind: "event",
    rules: "LE1",
    what: "clients were given up though they pinged, since the clock had been set back",
    faults: ["clock back"],
    often: 4,
  },
  {
    seed: 20_019,
    kind: "semaphore",
    rules: "LE1",
    what: "a session ended early after two hibernations",
    faults: ["hibernation", "outage", "half-open"],
    often: 4,
  },
  {
    seed: 20_091,
    kind: "limiter",
    rules: "LE5 W5",
    what: "a repeat that came after its answer was granted once more, to nobody",
    faults: ["slow", "cut"],
    often: 6,
  },
  {
    seed: 20_119,
    kind: "stream",
    rules: "LE4 ST3",
    what: "a program that was frozen handed out what it had fetched before",
    faults: ["pause"],
    often: 4,
  },
  {
    seed: 1_000_106,
    kind: "stream",
    rules: "LE5 ST8",
    what: "a refused send was said to be sent, after a hibernation",
  },
  {
    seed: 1_000_625,
    kind: "stream",
    rules: "LE4 ST3",
    what: "an item was received out of a stock that others had been given",
  },
  {
    seed: 2_011_012,
    kind: "event",
    rules: "EV2",
    what: "a clear that was held up for half a minute was taken for a set that was lost (the checker's mistake)",
  },
  {
    seed: 2_015_110,
    kind: "limiter",
    rules: "LE1",
    what: "an object that died before it armed its alarm was not visited again (the simulation's mistake)",
  },
  {
    seed: 20_011,
    kind: "condition",
    rules: "LE1 LE5",
    what: "a caller that hung up late took what the repeat of its call had",
    callers: 5,
  },
  {
    seed: 20_069,
    kind: "stream",
    rules: "LE5 ST2",
    what: "a send by a call, on an end, was repeated after a restart, and sent twice",
    faults: ["crash", "deploy", "unknown commit", "lost call"],
    often: 4,
    callers: 5,
  },
  {
    seed: 20_000,
    kind: "condition",
    rules: "LE3 LE5",
    what: "a lease that a call waited with was said to be no more, and came back",
    callers: 5,
  },
  {
    seed: 20_008,
    kind: "event",
    rules: "idle",
    what: "a name whose calls are remembered kept its storage for a day longer",
    callers: 5,
  },
  {
    seed: 100_820,
    kind: "limiter",
    rules: "LE1",
    what: "what was granted and given back in one turn was taken for a place lost (the checker's mistake)",
    callers: 5,
  },
];
