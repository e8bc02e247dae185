import { ConditionMachine } from "../../objects/core/condition.ts";
import { EventMachine } from "../../objects/core/event.ts";
import { LimiterMachine } from "../../objects/core/limiter.ts";
import { LockMachine } from "../../objects/core/lock.ts";
import type { Machine, Recovered } from "../../objects/core/machine.ts";
import { SemaphoreMachine } from "../../objects/core/semaphore.ts";
import { StreamMachine } from "../../objects/core/stream.ts";
import type { Latchwork } from "../../sdk/client.ts";
import { KINDS, objectPath, type Kind } from "../../sdk/protocol.ts";
import { CommitChecks } from "./checks/commits.ts";
import { Violations } from "./checks/violations.ts";
import { conditionWorkload } from "./workloads/condition.ts";
import { eventWorkload } from "./workloads/event.ts";
import { limiterWorkload } from "./workloads/limiter.ts";
import { lockWorkload } from "./workloads/lock.ts";
import { semaphoreWorkload } from "./workloads/semaphore.ts";
import { streamWorkload } from "./workloads/stream.ts";
import { operationsSoFar, type Stage, type Workload } from "./workloads/workload.ts";
import { FAULTS, type Fault } from "./world/faults.ts";
import { Random } from "./world/random.ts";
import { TTL_MS_MIN, World } from "./world/world.ts";

const PRIMITIVES: Record<
  Kind,
  {
    create: (recovered: Recovered) => Machine;
    workload: (stage: Stage, name: string) => Workload;
    /** Looks at it once. */
    visit: (lw: Latchwork) => Promise<unknown>;
  }
> = {
  lock: {
    create: (recovered) => new LockMachine(recovered),
    workload: lockWorkload,
    visit: (lw) => lw.lock("name").statistics(),
  },
  semaphore: {
    create: (recovered) => new SemaphoreMachine(recovered),
    workload: semaphoreWorkload,
    visit: (lw) => lw.semaphore("name").statistics(),
  },
  event: {
    create: (recovered) => new EventMachine(recovered),
    workload: eventWorkload,
    visit: (lw) => lw.event("name").statistics(),
  },
  condition: {
    create: (recovered) => new ConditionMachine(recovered),
    workload: conditionWorkload,
    visit: (lw) => lw.condition("name").statistics(),
  },
  limiter: {
    create: (recovered) => new LimiterMachine(recovered),
    workload: limiterWorkload,
    visit: (lw) => lw.limiter("name").statistics(),
  },
  stream: {
    create: (recovered) => new StreamMachine(recovered),
    workload: streamWorkload,
    visit: (lw) => lw.stream("name").statistics(),
  },
};

/** How long everybody has to come to an end once everything has healed. */
const LIVENESS_MS = 600_000;
const FAULTY_MS_MAX = 60_000;

export interface RunOptions {
  readonly seed: number;
  readonly kinds?: readonly Kind[] | undefined;
  readonly faults?: ReadonlySet<Fault> | undefined;
  readonly log?: (line: string) => void;
}

export interface RunResult {
  readonly seed: number;
  readonly kind: Kind;
  readonly violations: readonly string[];
  readonly operations: number;
  readonly faults: ReadonlyMap<Fault, number>;
  readonly happenings: number;
}

/** One life of a small world: a time of faults, then healing, then judgement. All of it follows from the seed. */
export async function runOnce({
  seed,
  kinds = KINDS,
  faults,
  log = () => {},
}: RunOptions): Promise<RunResult> {
  const choice = new Random(seed);
  const kind = choice.pick(kinds);
  const world = new World({ seed, enabled: faults ?? someFaults(choice), log });
  const violations = new Violations((line) => world.note(line));
  const before = operationsSoFar();
  const unhandled = (reason: unknown): void =>
    violations.check(false, () => `nobody handled the rejection ${String(reason)}`);
  process.on("unhandledRejection", unhandled);
  try {
    await live(world, { kind, violations, choice });
  } catch (error) {
    violations.check(false, () => `the world broke: ${(error as Error).stack ?? String(error)}`);
  } finally {
    process.off("unhandledRejection", unhandled);
  }
  return {
    seed,
    kind,
    violations: violations.found,
    operations: operationsSoFar() - before,
    faults: world.faults.counts,
    happenings: world.timeline.happened,
  };
}

/** All of them, or some: a fault alone shows what a crowd of them hides. */
function someFaults(choice: Random): ReadonlySet<Fault> {
  const all = Object.keys(FAULTS) as Fault[];
  return choice.chance(0.5) ? new Set(all) : new Set(all.filter(() => choice.chance(0.3)));
}

async function live(
  world: World,
  { kind, violations, choice }: { kind: Kind; violations: Violations; choice: Random },
): Promise<void> {
  const ttlMs = choice.int(TTL_MS_MIN, 10_000);
  const clients = Array.from({ length: choice.int(2, 6) }, (_, index) =>
    world.client(`client ${index}`, ttlMs),
  );
  const [keeper] = clients;
  if (keeper === undefined) return;
  const stage: Stage = {
    world,
    random: choice,
    violations,
    clients,
    operations: choice.int(3, 15),
  };
  const { create, workload } = PRIMITIVES[kind];
  const scene = workload(stage, "name");
  const checks = new CommitChecks(kind, violations);
  const object = world.object(objectPath("default", kind, "name"), {
    createMachine: create,
    watch: (disk, granted) => checks.look(disk, granted),
    atRest: (disk, alarmAtMs) => checks.atRest(disk, alarmAtMs),
  });

  const tasks = clients.flatMap((client) =>
    Array.from({ length: choice.int(1, 3) }, () => ({ client, isDone: false })),
  );
  for (const task of tasks) {
    void scene.task(task.client).then(
      () => (task.isDone = true),
      (error: unknown) =>
        violations.check(false, () => `a task failed: ${String((error as Error).stack)}`),
    );
  }
  const areDone = (): boolean =>
    violations.found.length > 0 ||
    tasks.every(({ client, isDone }) => isDone || client.state === "dead");
  await world.timeline.run(choice.int(1_000, FAULTY_MS_MAX), areDone);

  world.heal();
  let isHealed = scene.heal === undefined;
  void scene.heal?.(keeper, areDone).then(() => (isHealed = true));
  const untilMs = world.timeline.nowMs + LIVENESS_MS;
  await world.timeline.run(untilMs, () => areDone() && isHealed);
  if (violations.found.length > 0) return;
  violations.check(areDone() && isHealed, () => "somebody waits for ever");

  // The dead are given up.
  await world.timeline.run(world.timeline.nowMs + 3 * ttlMs + 20_000);
  let isFinished = false;
  void scene.finish(keeper, object.disk).then(
    () => (isFinished = true),
    (error: unknown) =>
      violations.check(false, () => `the end failed: ${String((error as Error).stack)}`),
  );
  await world.timeline.run(world.timeline.nowMs + LIVENESS_MS, () => isFinished);
  violations.check(isFinished, () => "the end does not come");

  const closing = clients
    .filter(({ state }) => state !== "dead")
    .map((client) => client.lw.close());
  let isClosed = false;
  void Promise.all(closing).then(() => (isClosed = true));
  await world.timeline.run(world.timeline.nowMs + 10_000, () => isClosed);
  violations.check(isClosed, () => "a client does not close");
  // A socket that is open only in name keeps its session for an hour, and until somebody comes by.
  await world.timeline.run(world.timeline.nowMs + 3_700_000);
  const passer = world.client("a passer-by", ttlMs);
  let hasPassed = false;
  void PRIMITIVES[kind]
    .visit(passer.lw)
    .catch(() => {})
    .then(() => passer.lw.close())
    .then(() => (hasPassed = true));
  await world.timeline.run(world.timeline.nowMs + 60_000, () => hasPassed);
  await world.timeline.run(world.timeline.nowMs + 3 * ttlMs + 20_000);
  // W5: nobody holds or waits who is not there any more.
  violations.check(
    object.disk.claims.size === 0,
    () => `${object.disk.claims.size} ghosts are left`,
  );
  violations.check(
    object.disk.sessions.size === 0,
    () => `${object.disk.sessions.size} sessions are left`,
  );
}
