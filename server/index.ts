/** Latchwork on this machine: the Worker that Cloudflare would run, on the open-source runtime, with its state on disk. */
export { ServerError } from "./errors.ts";
export type { ServerOptions } from "./options.ts";
export { startServer, type EmbeddedServer } from "./server.ts";
