import {
  ClosedResourceError,
  ConnectionLostError,
  LeaseLostError,
  NotOwnerError,
  TimeoutError,
  type Lease,
  type WaitOptions,
} from "../../../sdk/index.ts";
import type { Kind } from "../../../sdk/protocol.ts";
import type { Ledger } from "../checks/ledger.ts";
import { toldSummary } from "../checks/summaries.ts";
import type { Violations } from "../checks/violations.ts";
import type { Caller } from "../world/caller.ts";
import type { Random } from "../world/random.ts";
import type { SimClient } from "../world/sim_client.ts";
import type { SimObject } from "../world/sim_object.ts";
import type { World } from "../world/world.ts";

/** What a workload is given. Client 0 never crashes: it is there to bring things to an end. */
export interface Stage {
  readonly kind: Kind;
  readonly name: string;
  readonly world: World;
  readonly object: SimObject;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly violations: Violations;
  /** Whether much is held for long. */
  readonly isLongHeld: boolean;
  /** True if somebody calls as well. */
  readonly isCalled: boolean;
  /** That of the clients' sessions. */
  readonly ttlMs: number;
  readonly clients: readonly SimClient[];
  /** How many operations each task does. */
  readonly operations: number;
}

/** One primitive in use by many, and what must be true when all is over. */
export interface Workload {
  /** What a client does until it is done; several run at once in one client. */
  task(client: SimClient): Promise<void>;
  /** What a program does that keeps no connection, from its first call to its last. */
  call(caller: Caller): Promise<void>;
  /** Runs when everything has healed, beside the tasks: sees to it that whoever waits rightly is let go. */
  heal?(keeper: SimClient, areDone: () => boolean): Promise<void>;
  /** Runs when every task of a living client is done, and the dead are given up: says what must be true then. */
  finish(keeper: SimClient): Promise<void>;
}

const HOLD_MS_MAX = 20_000;

type ErrorClass = abstract new (...parts: never[]) => Error;
export type Outcome<Value> = { readonly value: Value } | { readonly error: Error };

/** Thrown by a wait that was aborted. */
export class Aborted extends Error {}

let operationsCount = 0;

export function operationsSoFar(): number {
  return operationsCount;
}

/** One more has been begun. */
export function countOperation(): void {
  operationsCount += 1;
}

/** Does something that may fail in the ways that a world like this explains; anything else is a violation. */
export async function attempt<Value>(
  stage: Stage,
  client: SimClient,
  what: string,
  operation: () => Promise<Value>,
  { expected = [] }: { expected?: readonly ErrorClass[] } = {},
): Promise<Outcome<Value>> {
  countOperation();
  const { leaves } = client;
  try {
    return { value: await operation() };
  } catch (error) {
    const hasLeft = client.leaves > leaves;
    const isExpected =
      expected.some((each) => error instanceof each) || isExplained(error, stage, { hasLeft });
    stage.violations.check("errors", isExpected, () => `${what} failed with ${String(error)}`);
    return { error: error as Error };
  }
}

/** Holds it for a moment, and now and then for much longer than a session lives without a sign of life. */
export function hold(
  { isLongHeld }: Pick<Stage, "isLongHeld">,
  client: Pick<SimClient, "random" | "sleep">,
  { signal }: Pick<Lease, "signal">,
): Promise<void> {
  const { random } = client;
  if (!random.chance(isLongHeld ? 0.3 : 0.01)) return client.sleep(random.delayMs(100));
  const lost = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve());
    if (signal.aborted) resolve();
  });
  return Promise.race([client.sleep(random.next() * HOLD_MS_MAX), lost]);
}

/** Gives a lease back. */
export async function release(
  stage: Stage,
  client: SimClient,
  lease: Lease,
  { mayLose = () => false }: { mayLose?: () => boolean } = {},
): Promise<void> {
  const done = await attempt(stage, client, "release", () => lease.release());
  if (!("error" in done) || !(done.error instanceof NotOwnerError)) return;
  // LE3: nobody else can end what one holds.
  stage.violations.check(
    "LE3",
    lease.signal.aborted || stage.ledger.revoked.has(lease.token) || mayLose(),
    () => `the release of ${lease.token}, which was not lost, is refused`,
  );
}

/** LK4: asks how things stand, and compares with what is on the disk. */
export async function ask(
  stage: Stage,
  client: SimClient,
  statistics: () => Promise<object>,
): Promise<void> {
  const { kind, ledger, violations, world, object } = stage;
  const { nowMs } = world.timeline;
  const got = await attempt(stage, client, "statistics", statistics);
  if ("error" in got) return;
  const expected = ledger.expectedSince(nowMs, object.disk);
  const told = toldSummary(kind, got.value);
  violations.check(
    "LK4",
    expected === null || told === expected,
    () => `statistics say ${told}, and it is ${expected}`,
  );
}

function isExplained(
  error: unknown,
  { ledger, world }: Stage,
  { hasLeft }: { hasLeft: boolean },
): boolean {
  // In a world without faults nobody is silent.
  const isSilent = error instanceof LeaseLostError && error.reason === "expired";
  if (isSilent && world.faults.enabled.size === 0) return false;
  if (error instanceof LeaseLostError && error.reason === "revoked") return ledger.hasTaken;
  if (error instanceof ClosedResourceError) return hasLeft;
  return ALWAYS.some((each) => error instanceof each);
}

/** Whatever the world does, a call can end like this. */
const ALWAYS: readonly ErrorClass[] = [
  TimeoutError,
  Aborted,
  LeaseLostError,
  NotOwnerError,
  ConnectionLostError,
];

/** Waits for ever, for a while, until it is aborted, or not at all. */
export function someWait(client: SimClient): WaitOptions {
  const { random } = client;
  switch (random.int(0, 5)) {
    case 0:
      return { timeoutMs: Math.round(random.delayMs(300)) };
    case 1:
      return { timeoutMs: 0 };
    case 2: {
      const controller = new AbortController();
      void client.sleep(random.delayMs(300)).then(() => controller.abort(new Aborted("Given up.")));
      return { signal: controller.signal };
    }
    default:
      return {};
  }
}

/** Does several things at once, mostly one: what is asked in one task goes out in one frame. */
export async function burst(client: SimClient, one: () => Promise<unknown>): Promise<void> {
  const { random } = client;
  const count = random.chance(0.3) ? random.int(2, 4) : 1;
  await Promise.all(Array.from({ length: count }, one));
}
