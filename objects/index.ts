/** The Durable Object classes, for a Worker to export. */
export { LockObject } from "./lock.ts";
export { SemaphoreObject } from "./semaphore.ts";
