import { KINDS, type Kind } from "../../sdk/protocol.ts";
import { Violations } from "./checks/violations.ts";
import { Life } from "./life.ts";
import { operationsSoFar } from "./workloads/workload.ts";
import { FAULT_NAMES, type Fault } from "./world/faults.ts";
import { Random } from "./world/random.ts";
import { World } from "./world/world.ts";

export interface RunOptions {
  readonly seed: number;
  readonly kinds?: readonly Kind[] | undefined;
  readonly faults?: ReadonlySet<Fault> | undefined;
  /** How many times as often as usual, 1 unless told. */
  readonly often?: number | undefined;
  /** So many at the most. */
  readonly clients?: number | undefined;
  readonly operations?: number | undefined;
  /** How many programs call at once, at the most; left out, it depends on the seed whether any does. */
  readonly callers?: number | undefined;
  readonly log?: ((line: string) => void) | undefined;
}

export interface RunResult {
  readonly seed: number;
  readonly kind: Kind;
  readonly violations: readonly string[];
  readonly operations: number;
  /** Which could have happened. */
  readonly enabled: ReadonlySet<Fault>;
  readonly faults: ReadonlyMap<Fault, number>;
  readonly happenings: number;
  /** As it was asked for. */
  readonly callers: number | undefined;
}

/** One life of a small world: a time of faults, then healing, then judgement. All of it follows from the seed. */
export async function runOnce(options: RunOptions): Promise<RunResult> {
  const { seed, kinds = KINDS, often = 1, log } = options;
  const choice = new Random(seed);
  const kind = choice.pick(kinds);
  const some = someFaults(choice.fork());
  const enabled = options.faults ?? some;
  const violations = new Violations((line) => world.note(line));
  const letIn = (what: string): void =>
    violations.check("secret", false, () => `an impostor was told ${what}`);
  const robbed = (what: string): void => violations.check("LE3", false, () => what);
  const world = new World({ seed, enabled, often, log, letIn, robbed });
  const before = operationsSoFar();
  const unhandled = (reason: unknown): void =>
    violations.check("errors", false, () => `nobody handled the rejection ${String(reason)}`);
  process.on("unhandledRejection", unhandled);
  try {
    await new Life(world, violations, { ...options, kind, choice }).live();
  } catch (error) {
    const what = (error as Error).stack ?? String(error);
    violations.check("errors", false, () => `the world broke: ${what}`);
  } finally {
    process.off("unhandledRejection", unhandled);
  }
  return {
    seed,
    kind,
    violations: violations.found,
    operations: operationsSoFar() - before,
    enabled,
    faults: world.faults.counts,
    happenings: world.timeline.happened,
    callers: options.callers,
  };
}

/** All of them, some, or none: a fault alone shows what a crowd of them hides. */
function someFaults(choice: Random): ReadonlySet<Fault> {
  if (choice.chance(0.07)) return new Set();
  if (choice.chance(0.4)) return new Set(FAULT_NAMES);
  return new Set(FAULT_NAMES.filter((fault) => choice.named(fault).chance(0.3)));
}
