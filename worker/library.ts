/** Latchwork for a Worker of one's own: `latchwork/worker`. The object classes are in `latchwork/objects`. */
export type { Access, LatchworkAppOptions, LatchworkBindings } from "./app_options.ts";
export { latchworkApp } from "./latchwork_app.ts";
export { latchworkClient, type LatchworkClientOptions } from "./rpc/client.ts";
export { LatchworkService, type ServiceProps } from "./rpc/entrypoint.ts";
