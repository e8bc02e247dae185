import { createApp } from "./app.ts";

export { LockObject, SemaphoreObject } from "../objects/index.ts";

/** The Worker. */
export default createApp();
