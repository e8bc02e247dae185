import { ConditionMachine } from "../../objects/core/condition.ts";
import { EventMachine } from "../../objects/core/event.ts";
import { LimiterMachine } from "../../objects/core/limiter.ts";
import { LockMachine } from "../../objects/core/lock.ts";
import type { Machine, Recovered } from "../../objects/core/machine.ts";
import { SemaphoreMachine } from "../../objects/core/semaphore.ts";
import { StreamMachine } from "../../objects/core/stream.ts";
import type { Latchwork } from "../../sdk/client.ts";
import type { Kind } from "../../sdk/protocol.ts";
import { conditionWorkload } from "./workloads/condition.ts";
import { eventWorkload } from "./workloads/event.ts";
import { limiterWorkload } from "./workloads/limiter.ts";
import { lockWorkload } from "./workloads/lock.ts";
import { semaphoreWorkload } from "./workloads/semaphore.ts";
import { streamWorkload } from "./workloads/stream.ts";
import type { Stage, Workload } from "./workloads/workload.ts";

interface Primitive {
  readonly create: (recovered: Recovered) => Machine;
  readonly workload: (stage: Stage) => Workload;
  /** Looks in, and holds it for a moment where it can be held. */
  readonly visit: (lw: Latchwork, name: string) => Promise<unknown>;
  /** True if nothing of it is worth keeping when nobody uses it. */
  readonly isWiped: boolean;
}

export const PRIMITIVES: Readonly<Record<Kind, Primitive>> = {
  lock: {
    create: (recovered) => new LockMachine(recovered),
    workload: lockWorkload,
    visit: (lw, name) => lw.lock(name).run(() => {}),
    isWiped: true,
  },
  semaphore: {
    create: (recovered) => new SemaphoreMachine(recovered),
    workload: semaphoreWorkload,
    visit: (lw, name) => lw.semaphore(name).run(() => {}),
    isWiped: false,
  },
  event: {
    create: (recovered) => new EventMachine(recovered),
    workload: eventWorkload,
    visit: (lw, name) => lw.event(name).clear(),
    isWiped: true,
  },
  condition: {
    create: (recovered) => new ConditionMachine(recovered),
    workload: conditionWorkload,
    visit: (lw, name) => lw.condition(name).run(() => {}),
    isWiped: true,
  },
  limiter: {
    create: (recovered) => new LimiterMachine(recovered),
    workload: limiterWorkload,
    visit: (lw, name) => lw.limiter(name).run(() => {}),
    isWiped: false,
  },
  stream: {
    create: (recovered) => new StreamMachine(recovered),
    workload: streamWorkload,
    visit: (lw, name) => lw.stream(name).statistics(),
    isWiped: false,
  },
};
