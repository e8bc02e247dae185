import type { Context, MiddlewareHandler } from "hono";
import {
  InvalidArgumentError,
  LIMITS,
  type Latchwork,
  type Lease,
  type WaitOptions,
} from "../sdk/index.ts";
import { holdWhile, readHolding, type HoldingOptions } from "./holding.ts";
import { refusal } from "./refusal.ts";

export interface LimitConcurrencyOptions extends HoldingOptions {
  /**
   * How many requests of one key may be under way at once: a whole number from 0, or Infinity; or a function that says
   * it for a request, such as that of the tenant's plan.
   */
  readonly limit: number | ((c: Context) => number | Promise<number>);
}

/** What handlers behind `limitConcurrency` find in `c.var`. */
export interface LimitConcurrencyVariables {
  /**
   * One of the permits; its `signal` is aborted when it is lost, its `token` grows with every grant of the key.
   * `undefined` for a request that is exempt, or proceeds without Latchwork.
   */
  permit: Lease | undefined;
}

/**
 * So many requests of one key at a time, wherever they are served. Whoever is one too many waits in line for
 * `timeoutMs`, first come, first served, and then gets 429 with `Retry-After`. A permit is held until the response
 * has been sent: a stream holds it until its end, or until the client cancels it.
 *
 * Each key is a capacity limiter, and every request states the limit. A deploy that changes it changes it for those
 * in line too; while two versions of a program run side by side, it is what was stated last. A permit that is lost
 * (`c.var.permit.signal`) does not take back what the handler answers: it bounds load, and guards nothing.
 *
 *     app.use("/reports/*", limitConcurrency({ latchwork, limit: 2, key: (c) => c.req.header("X-Tenant") }));
 *
 * @throws InvalidArgumentError when an option is not valid. Requests meet what `onUnavailable` says where the server
 * cannot be reached, and any other error of the SDK's (a wrong token) as an exception, for `app.onError`.
 */
export function limitConcurrency(
  options: LimitConcurrencyOptions,
): MiddlewareHandler<{ Variables: LimitConcurrencyVariables }> {
  const settings = readHolding(options);
  const { limit } = options;
  if (typeof limit === "number") checkLimit(limit);
  return async (c, next) => {
    const total = typeof limit === "number" ? limit : await limit(c);
    checkLimit(total);
    return holdWhile(c, next, settings, {
      take: (latchwork, name, wait) => takePermit(latchwork, name, total, wait),
      tell: (lease) => c.set("permit", lease),
      crowded: (details) =>
        refusal(
          "concurrency-limit",
          `No more than ${total} at once; try again in a while.`,
          details,
        ),
      exclusive: false,
    });
  };
}

/**
 * A name's configuration is fixed for good, and a limit is not: it must be free to change with the next deploy. So
 * the configuration is the same in all versions and admits nobody, and the limit is stated anew with each request.
 * Where it is as before that writes nothing; and it travels in the same frame as the acquire.
 */
const CONFIGURED = { totalTokens: 0 };

async function takePermit(
  latchwork: Latchwork,
  name: string,
  total: number,
  { timeoutMs, signal }: WaitOptions,
): Promise<Lease> {
  const limiter = latchwork.limiter(name, CONFIGURED);
  const unstated = new AbortController();
  limiter.setTotalTokens(total).catch((error: unknown) => unstated.abort(error));
  const signals = signal === undefined ? [unstated.signal] : [unstated.signal, signal];
  try {
    return await limiter.acquire({ timeoutMs, signal: AbortSignal.any(signals) });
  } catch (error) {
    // Without the limit there was none to be had, and that says nothing about the line.
    throw unstated.signal.aborted ? unstated.signal.reason : error;
  }
}

function checkLimit(limit: number): void {
  const isCount = Number.isInteger(limit) && limit >= 0 && limit <= LIMITS.permitsMax;
  if (isCount || limit === Infinity) return;
  throw new InvalidArgumentError(
    `A limit is a whole number from 0 to ${LIMITS.permitsMax}, or Infinity, not ${limit}.`,
  );
}
