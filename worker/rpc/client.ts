import { connect, type ConnectOptions, type Latchwork } from "../../sdk/index.ts";
import { stubOf } from "../bindings.ts";
import type { Env } from "../env.ts";
import { objectSockets } from "./object_socket.ts";

/** How a client inside a Worker is made; as `connect`, but for what only a network needs. */
export type InsideOptions = Omit<ConnectOptions, "token" | "WebSocket">;

/**
 * A client of the objects that this Worker has bindings for: the SDK, over calls inside the platform. Made for one
 * invocation; when that ends, all that the client holds is free at once (LE6).
 *
 * @throws InvalidArgumentError for a namespace, client name or TTL that is none.
 */
export function clientOfBindings(env: Env, options: InsideOptions = {}): Latchwork {
  const WebSocket = objectSockets((address) => stubOf(env, address));
  return connect("http://objects", { client: "worker", ...options, WebSocket });
}
