import type { Env as AnyEnv } from "hono";
import { connect, type ConnectOptions, type Latchwork } from "../../sdk/index.ts";
import type { CloudflareEnv, LatchworkAppOptions } from "../app_options.ts";
import { stubOf } from "../bindings.ts";
import { chosenBindings } from "../chosen_bindings.ts";
import type { Env } from "../env.ts";
import { objectSockets } from "./object_socket.ts";

/** How a client inside a Worker is made; as `connect`, but for what only a network needs. */
export type InsideOptions = Omit<ConnectOptions, "token" | "WebSocket">;

/** The same, with the bindings that `latchworkApp` takes. */
export type LatchworkClientOptions<E extends AnyEnv = CloudflareEnv> = InsideOptions &
  Pick<LatchworkAppOptions<E>, "bindings">;

/**
 * A client of the objects that this Worker has bindings for: the SDK, over calls inside the platform, with no socket
 * and no token. Made for one invocation; when that ends, all that the client holds is free at once (LE6).
 *
 *     await using latchwork = latchworkClient(env);
 *     await latchwork.lock("invoices/42").run(async () => { … });
 *
 * @throws InvalidArgumentError for a namespace, client name or TTL that is none.
 */
export function latchworkClient<E extends AnyEnv = CloudflareEnv>(
  env: E["Bindings"],
  { bindings, ...options }: LatchworkClientOptions<E> = {},
): Latchwork {
  const chosen: Env = chosenBindings({ bindings })(env);
  const WebSocket = objectSockets((address) => stubOf(chosen, address));
  return connect("http://objects", { client: "worker", ...options, WebSocket });
}
