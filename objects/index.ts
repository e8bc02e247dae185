/** The Durable Object classes, for a Worker to export. */
export { ConditionObject } from "./condition.ts";
export { EventObject } from "./event.ts";
export { LimiterObject } from "./limiter.ts";
export { LockObject } from "./lock.ts";
export { SemaphoreObject } from "./semaphore.ts";
export { StreamObject } from "./stream.ts";
