import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "../support/folders.ts";
import { Random } from "../simulation/world/random.ts";
import { checkItems, redelivered } from "./checks/items.ts";
import { checkTurns } from "./checks/turns.ts";
import { WakeWatch } from "./checks/wakes.ts";
import { fillDisk, type DiskFilled } from "./disk_full.ts";
import { planOf, type Counts, type Fault } from "./plan.ts";
import { bringToAnEnd } from "./ending.ts";
import { Keeper } from "./world/keeper.ts";
import { World } from "./world/world.ts";

/** Longer than every patience of the ending together. */
const ENDING_MS_MAX = 240_000;

export interface FaultsOptions {
  readonly seed: number;
  readonly counts: Counts;
  readonly clients: number;
  /** How long there is peace between two faults, most of the time at most. */
  readonly pauseMs: number;
  /** After that no more faults are begun. */
  readonly minutesMax: number;
  readonly log: (line: string) => void;
}

export interface FaultsResult {
  readonly operations: number;
  readonly faults: ReadonlyMap<Fault, number>;
  /** Steps of the plan for which there was no time. */
  readonly leftOut: number;
  readonly turns: number;
  /** Turns that another's overtook while their process stood still. */
  readonly overtaken: number;
  /** What was tried with an older token than the newest. */
  readonly refusedWrites: number;
  readonly items: number;
  readonly redelivered: number;
  readonly waits: number;
  readonly jobs: number;
  readonly disk: DiskFilled;
  readonly violations: readonly string[];
}

/** A time of faults among real processes, then healing, then judgement. */
export async function runFaults(options: FaultsOptions): Promise<FaultsResult> {
  const { seed, counts, clients, pauseMs, minutesMax, log } = options;
  const random = new Random(seed);
  await using folder = await temporaryFolder();
  await using world = new World({ dir: folder.path, random, log });
  await world.begin(clients);
  await using keeper = await Keeper.enter(world.server.url, random.fork());
  await using watch = new WakeWatch(world);
  const untilMs = performance.now() + minutesMax * 60_000;
  const steps = planOf(counts, random, pauseMs);
  let done = 0;
  await sleep(1_000);
  for (; done < steps.length && performance.now() < untilMs; done += 1) {
    const step = steps[done];
    if (step !== undefined) await world.undergo(step);
  }
  log("healing");
  await world.heal();
  // They have nothing to do with each other, and both mostly wait.
  const [violations, disk] = await Promise.all([
    Promise.race([
      bringToAnEnd(world, keeper, log).catch((error: unknown) => [
        `the end failed: ${String(error)}`,
      ]),
      sleep(ENDING_MS_MAX, ["the end does not come"], { ref: false }),
    ]),
    fillDisk(random.fork()).catch((error: unknown): DiskFilled => ({
      summary: "failed",
      violations: [`disk full: ${String(error)}`],
    })),
  ]);
  const { history, referee, faults } = world;
  const { violations: turnViolations, overtaken } = checkTurns(history);
  return {
    operations: history.operations + keeper.operations,
    faults,
    leftOut: steps.length - done,
    turns: history.turns.length,
    overtaken,
    refusedWrites: history.refusedWrites,
    items: history.receipts.size,
    redelivered: redelivered(history),
    waits: history.waits.size,
    jobs: referee.taken,
    disk,
    violations: [
      ...history.failures,
      ...keeper.troubles,
      ...watch.violations,
      ...violations,
      ...turnViolations,
      ...checkItems(history),
      ...disk.violations,
    ],
  };
}
