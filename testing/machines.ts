import { ConditionMachine } from "../objects/core/condition.ts";
import { EventMachine } from "../objects/core/event.ts";
import { LimiterMachine } from "../objects/core/limiter.ts";
import { LockMachine } from "../objects/core/lock.ts";
import type { Machine, Recovered } from "../objects/core/machine.ts";
import { SemaphoreMachine } from "../objects/core/semaphore.ts";
import { StreamMachine } from "../objects/core/stream.ts";
import type { Kind } from "../sdk/protocol.ts";

export type CreateMachine = (recovered: Recovered) => Machine;

/** The machines that decide in production, by what a name can stand for. */
export const MACHINES: Readonly<Record<Kind, CreateMachine>> = {
  lock: (recovered) => new LockMachine(recovered),
  semaphore: (recovered) => new SemaphoreMachine(recovered),
  event: (recovered) => new EventMachine(recovered),
  condition: (recovered) => new ConditionMachine(recovered),
  limiter: (recovered) => new LimiterMachine(recovered),
  stream: (recovered) => new StreamMachine(recovered),
};
