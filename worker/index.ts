import { createApp } from "./app.ts";

export * from "../objects/index.ts";
export { LatchworkService } from "./rpc/entrypoint.ts";

/** The Worker. */
export default createApp();
