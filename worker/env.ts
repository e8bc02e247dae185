import type { LockObject } from "../objects/index.ts";

/** What the Worker is given by its configuration: wrangler.toml, and secrets. */
export interface Env {
  readonly LOCKS: ObjectNamespace;
  readonly SEMAPHORES: ObjectNamespace;
  readonly EVENTS: ObjectNamespace;
  readonly CONDITIONS: ObjectNamespace;
  readonly LIMITERS: ObjectNamespace;
  readonly STREAMS: ObjectNamespace;
  /** The secret that every client must show. */
  readonly LATCHWORK_TOKEN?: string;
  /** "true" lets everyone in where there is no LATCHWORK_TOKEN: for servers that only friends can reach. */
  readonly LATCHWORK_OPEN?: string;
}

/** What every handler is written for. */
export interface HonoEnv {
  readonly Bindings: Env;
}

/** The part of a `DurableObjectNamespace` that the Worker uses. */
export interface ObjectNamespace {
  getByName(name: string): ObjectStub;
}

/** The part of an object's stub that the Worker uses. The platform's own type loses the fault of `inspect`. */
export interface ObjectStub {
  fetch(url: URL, init: RequestInit): Promise<Response>;
  inspect(): Promise<ReturnType<LockObject["inspect"]>>;
  revoke(token: number): Promise<boolean>;
}
