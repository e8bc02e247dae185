import type { Context, MiddlewareHandler } from "hono";
import type { Lease } from "../sdk/index.ts";
import { clientFor, keepAlive } from "./client.ts";
import {
  bodyOf,
  DEFAULT_PREFIX,
  fingerprintOf,
  KEY_CHARACTERS_MAX,
  KEY_HEADER,
  nameOfKey,
  readKey,
} from "./idempotency_key.ts";
import { readOnce, type OncePerKeyOptions } from "./once_options.ts";
import { OneRun } from "./one_run.ts";
import { refusal, refuse, type Refusal } from "./refusal.ts";

/** What handlers behind `oncePerKey` find in `c.var`. */
export interface OncePerKeyVariables {
  /** `undefined` for a request without a key, or that is exempt. */
  idempotency: Idempotency | undefined;
}

export interface Idempotency {
  readonly key: string;
  /**
   * The lock on the key. Hand its `token` to what the handler writes to, and heed its `signal`. `null` where the request
   * proceeds without Latchwork.
   */
  readonly lease: Lease | null;
}

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/**
 * A request that is sent twice is carried out once: a payment, an order, a webhook. The first with an
 * `Idempotency-Key` runs; its answer is kept, and repeats get it, with `Idempotency-Replayed: true`. As long as it runs,
 * repeats wait for `timeoutMs`, and then get 409 with `Retry-After`. A repeat that is another request gets 422. A
 * handler that threw or answered 5xx has not run: the key is free again.
 *
 * Behind each key are a lock (one run at a time, in the whole world) and an event (it was done, and its answer kept).
 * A program that dies before the answer is kept leaves the key free: until then it is at least once, and the fencing
 * token, `c.var.idempotency.lease.token`, is for what the handler writes to. Once the event is set it is never run again,
 * even where the store has lost the answer: that is a 409, too, of type `answer-gone`. `forgetKey` frees a key.
 *
 * Safe methods (GET, HEAD, OPTIONS, TRACE) pass. The request's body is read into memory: put Hono's `bodyLimit`
 * before this.
 *
 *     app.post("/payments", oncePerKey({ latchwork: () => connect(url), store }), pay);
 *
 * @throws InvalidArgumentError when an option is not valid. Requests meet what `onUnavailable` says where the server
 * or the store cannot be reached, and any other error of the SDK's (a wrong token) as an exception, for `app.onError`.
 */
export function oncePerKey(
  options: OncePerKeyOptions,
): MiddlewareHandler<{ Variables: OncePerKeyVariables }> {
  const settings = readOnce(options);
  return async (c, next) => {
    if (SAFE_METHODS.has(c.req.method)) return next();
    // A key from the body is read through `c.req`, and that leaves no raw body to read.
    const body = await bodyOf(c);
    const key = await keyOf(c, options);
    if (key === null) return next();
    if (typeof key !== "string") return refuse(c, key, settings.onRefused);
    // Who is nobody has a scope too, or a key with a slash could reach into another's.
    const scope = options.scope && ((await options.scope(c)) ?? "");
    const name = await nameOfKey(options.prefix ?? DEFAULT_PREFIX, scope, key);
    const fingerprint =
      (await options.fingerprint?.(c)) ?? (await fingerprintOf(c, body, scope !== undefined));
    const { latchwork, leave } = await clientFor(c, settings.source);
    const tell = (lease: Lease | null): void => c.set("idempotency", { key, lease });
    const run = new OneRun({ c, next, settings, latchwork, name, fingerprint, tell });
    const answer = run.answer().finally(leave);
    keepAlive(c, answer);
    return answer;
  };
}

/** The key; `null` where the request passes without. */
async function keyOf(
  c: Context,
  { key, required = true }: OncePerKeyOptions,
): Promise<string | null | Refusal> {
  if (key !== undefined) {
    const own = await key(c);
    if (own !== undefined && own !== "") return own;
    return required ? refusal("key-missing", "The request has no idempotency key.") : null;
  }
  const header = c.req.header(KEY_HEADER);
  if (header === undefined) {
    if (!required) return null;
    return refusal(
      "key-missing",
      `The header ${KEY_HEADER} is missing: a fresh one for each operation, the same for its repeats.`,
    );
  }
  return (
    readKey(header) ??
    refusal(
      "key-invalid",
      `An ${KEY_HEADER} is 1 to ${KEY_CHARACTERS_MAX} printable ASCII characters, quoted or not.`,
    )
  );
}
