import {
  ConnectionLostError,
  LeaseLostError,
  NotOwnerError,
  TimeoutError,
  type WaitOptions,
} from "../../../sdk/index.ts";
import type { Kind } from "../../../sdk/protocol.ts";
import type { Violations } from "../checks/violations.ts";
import type { Disk } from "../world/disk.ts";
import type { Random } from "../world/random.ts";
import type { SimClient } from "../world/sim_client.ts";
import type { World } from "../world/world.ts";

/** What a workload is given. Client 0 never crashes: it is there to bring things to an end. */
export interface Stage {
  readonly world: World;
  readonly random: Random;
  readonly violations: Violations;
  readonly clients: readonly SimClient[];
  /** How many operations each task does. */
  readonly operations: number;
}

/** One primitive in use by many, and what must be true when all is over. */
export interface Workload {
  readonly kind: Kind;
  readonly name: string;
  /** What a client does until it is done; several run at once in one client. */
  task(client: SimClient): Promise<void>;
  /** Runs when everything has healed, beside the tasks: sees to it that whoever waits rightly is let go. */
  heal?(keeper: SimClient, areDone: () => boolean): Promise<void>;
  /** Runs when every task of a living client is done, and the dead are given up: says what must be true then. */
  finish(keeper: SimClient, disk: Disk): Promise<void>;
}

type ErrorClass = abstract new (...parts: never[]) => Error;

/** Thrown by a wait that was aborted. */
export class Aborted extends Error {}

let operationsCount = 0;

export function operationsSoFar(): number {
  return operationsCount;
}

/** Does something that may fail in the ways that a world like this explains; `null` when it did. */
export async function attempt<Value>(
  violations: Violations,
  what: string,
  operation: () => Promise<Value>,
  expected: readonly ErrorClass[] = [],
): Promise<{ value: Value } | { error: Error }> {
  operationsCount += 1;
  try {
    return { value: await operation() };
  } catch (error) {
    violations.check(isExpected(error, expected), () => `${what} failed with ${String(error)}`);
    return { error: error as Error };
  }
}

/** Whatever the world does, a call can end like this. */
const ALWAYS: readonly ErrorClass[] = [
  TimeoutError,
  Aborted,
  LeaseLostError,
  NotOwnerError,
  ConnectionLostError,
];

function isExpected(error: unknown, expected: readonly ErrorClass[]): boolean {
  return [...ALWAYS, ...expected].some((each) => error instanceof each);
}

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
