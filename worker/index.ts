import { createApp } from "./app.ts";

export * from "../objects/index.ts";

/** The Worker. */
export default createApp();
