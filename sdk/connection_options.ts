import type { Connections } from "./connections.ts";
import type { Environment } from "./environment.ts";
import type { ErrorClasses } from "./errors.ts";

/** What a connection is told of its client, its object and the runtime. */
export interface ConnectionOptions {
  readonly environment: Environment;
  /** The object's address, `ws:` or `wss:`. */
  readonly url: string;
  readonly client: string;
  readonly ttlMs: number;
  readonly token: () => string | undefined | Promise<string | undefined>;
  /** What the server may answer. */
  readonly errors: ErrorClasses;
  /** Those of the same client. */
  readonly connections: Pick<Connections, "remember">;
}
