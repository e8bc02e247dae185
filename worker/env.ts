import type { LockObject, RpcClient } from "../objects/index.ts";
import type { Mounted } from "./mounted.ts";

/** What the Worker is given by its configuration: wrangler.toml, and secrets. */
export interface Env {
  // A Worker that mounts this one may do without some.
  readonly LOCKS?: ObjectNamespace | undefined;
  readonly SEMAPHORES?: ObjectNamespace | undefined;
  readonly EVENTS?: ObjectNamespace | undefined;
  readonly CONDITIONS?: ObjectNamespace | undefined;
  readonly LIMITERS?: ObjectNamespace | undefined;
  readonly STREAMS?: ObjectNamespace | undefined;
  /** The secret that every client must show. */
  readonly LATCHWORK_TOKEN?: string | undefined;
  /** "true" lets everyone in where there is no LATCHWORK_TOKEN: for servers that only friends can reach. */
  readonly LATCHWORK_OPEN?: string | undefined;
  /** Not from any configuration: what the Worker that mounts this one has chosen, for one request. */
  readonly mounted?: Mounted | undefined;
}

/** What every handler is written for. */
export interface HonoEnv {
  readonly Bindings: Env;
}

/** The part of a `DurableObjectNamespace` that the Worker uses. */
export interface ObjectNamespace {
  getByName(name: string): ObjectStub;
}

/** A socket that is calls inside the platform, as the client has it. */
export interface SocketStub extends Disposable {
  send(text: string): Promise<void>;
  close(): Promise<void>;
}

/** The part of an object's stub that the Worker uses. The platform's own type loses the fault of `inspect`. */
export interface ObjectStub {
  fetch(url: URL, init: RequestInit): Promise<Response>;
  join(protocols: string, client: RpcClient): Promise<SocketStub>;
  inspect(): Promise<ReturnType<LockObject["inspect"]>>;
  revoke(token: number): Promise<boolean>;
}
