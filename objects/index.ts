/** The Durable Object classes, for a Worker to export. */
export type { OneShot, OneShotAnswer } from "./host/asked.ts";
export type { RpcClient } from "./host/rpc_socket.ts";
export { ConditionObject } from "./condition.ts";
export { EventObject } from "./event.ts";
export { LimiterObject } from "./limiter.ts";
export { LockObject } from "./lock.ts";
export { SemaphoreObject } from "./semaphore.ts";
export { StreamObject } from "./stream.ts";
