import type { MiddlewareHandler } from "hono";
import type { Lease } from "../sdk/index.ts";
import { holdWhile, readHolding, type HoldingOptions } from "./holding.ts";
import { refusal } from "./refusal.ts";

export type OneAtATimeOptions = HoldingOptions;

/** What handlers behind `oneAtATime` find in `c.var`. */
export interface OneAtATimeVariables {
  /**
   * The lock. Hand its `token` to what it guards, and heed its `signal`: it is aborted before anybody else can have
   * the lock. `undefined` for a request that is exempt, or proceeds without Latchwork.
   */
  lease: Lease | undefined;
}

/**
 * One request of a key at a time, wherever they are served: closing an account, importing a file. Another one waits in
 * line for `timeoutMs`, first come, first served, and then gets 409 with `Retry-After`. The lock is held until the
 * response has been sent.
 *
 * A lock can be lost while the handler runs: the server was out of reach for longer than the client's session lives,
 * or an operator took it away. Then the handler's answer is not sent, since another may have been at it too: the
 * client gets 409, of type `lease-lost`, without `Retry-After`. A body that is being sent breaks off.
 *
 *     app.post("/accounts/:id/close", oneAtATime({ latchwork, key: (c) => c.req.param("id") }), close);
 *
 * @throws InvalidArgumentError when an option is not valid. Requests meet what `onUnavailable` says where the server
 * cannot be reached, and any other error of the SDK's (a wrong token) as an exception, for `app.onError`.
 */
export function oneAtATime(
  options: OneAtATimeOptions,
): MiddlewareHandler<{ Variables: OneAtATimeVariables }> {
  const settings = readHolding(options);
  return async (c, next) =>
    holdWhile(c, next, settings, {
      take: (latchwork, name, wait) => latchwork.lock(name).acquire(wait),
      tell: (lease) => c.set("lease", lease),
      crowded: (details) =>
        refusal("busy", "Another request is at it; try again in a while.", details),
      exclusive: true,
    });
}
