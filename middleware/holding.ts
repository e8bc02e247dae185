import type { Context, Next } from "hono";
import type { Latchwork, Lease, WaitOptions } from "../sdk/index.ts";
import { clientFor, keepAlive } from "./client.ts";
import { nameFor, prefixOfRoute, type KeyOf } from "./names.ts";
import { checkMs, readCommon, type CommonOptions, type CommonSettings } from "./options.ts";
import { leaseLost, refuse, replace, type Refusal } from "./refusal.ts";
import { untilSent } from "./sending.ts";
import { answered, clientHungUp, codeOf, inLine, isCrowded, unavailable } from "./waiting.ts";

/** What the middlewares take that hold something while a request is handled, and its answer sent. */
export interface HoldingOptions extends CommonOptions {
  /**
   * What requests are told apart by, such as a tenant. Those without a key (`undefined`, or no such option) share one
   * line: to leave a header out must not be a way around it. `null` exempts a request.
   */
  readonly key?: KeyOf | undefined;
  /**
   * What the name begins with, before the key. Default: the route's own pattern and `#`. State it to share a line
   * between routes, or with programs that open the same name: `prefix: "accounts/"` and the key `42` are
   * `latchwork.lock("accounts/42")` there.
   */
  readonly prefix?: string | undefined;
  /**
   * What is held is given back when the body has been sent. For how long nobody need take anything of it before it is
   * cancelled, in milliseconds. Default 60,000.
   */
  readonly stalledAfterMs?: number | undefined;
}

export interface HoldingSettings extends CommonSettings {
  readonly key: KeyOf;
  readonly prefix: string | undefined;
  readonly stalledAfterMs: number;
}

/** @throws InvalidArgumentError for a number that is none, and for a prefix that does not fit a name. */
export function readHolding(options: HoldingOptions): HoldingSettings {
  const { key = () => undefined, prefix, stalledAfterMs = 60_000 } = options;
  checkMs({ stalledAfterMs });
  return { ...readCommon(options), key, prefix, stalledAfterMs };
}

export interface What {
  readonly take: (latchwork: Latchwork, name: string, wait: WaitOptions) => Promise<Lease>;
  /** The handler is told what it holds. */
  readonly tell: (lease: Lease) => void;
  /** Who finds the line too long is told this. */
  readonly crowded: (details: { retryAfterMs: number; cause: unknown }) => Refusal;
  /** True where the answer is worth nothing if somebody else may have been let in meanwhile. */
  readonly exclusive: boolean;
}

/** Runs what follows while something is held, from before the handler until the response has been sent. */
export async function holdWhile(
  c: Context,
  next: Next,
  settings: HoldingSettings,
  what: What,
): Promise<Response | void> {
  const key = await settings.key(c);
  if (key === null) return next();
  const name = await nameFor(settings.prefix ?? prefixOfRoute(c), key ?? "");
  const { latchwork, leave } = await clientFor(c, settings.source);
  let lease: Lease;
  try {
    lease = await inLine(c, settings, (wait) => what.take(latchwork, name, wait));
  } catch (error) {
    leave();
    return turnedAway(c, next, settings, what, error);
  }
  what.tell(lease);
  const handled = handleHolding(c, next, settings, { lease, exclusive: what.exclusive, leave });
  keepAlive(c, handled);
  return handled;
}

function turnedAway(
  c: Context,
  next: Next,
  { retryAfterMs, proceeds, onRefused }: HoldingSettings,
  { crowded }: What,
  error: unknown,
): Response | Promise<Response | void> {
  if (c.req.raw.signal.aborted) return clientHungUp(c);
  if (isCrowded(error)) return refuse(c, crowded({ retryAfterMs, cause: error }), onRefused);
  const refused = unavailable(error, retryAfterMs);
  if (refused === null) throw error;
  return proceeds ? next() : refuse(c, refused, onRefused);
}

interface Held {
  readonly lease: Lease;
  readonly exclusive: boolean;
  readonly leave: () => void;
}

async function handleHolding(
  c: Context,
  next: Next,
  settings: HoldingSettings,
  { lease, exclusive, leave }: Held,
): Promise<void> {
  /** True if it was held to the end, for all that is known. */
  let kept = true;
  const over = async (): Promise<boolean> => {
    kept = await giveBack(c, lease, settings);
    leave();
    return kept || !exclusive;
  };
  try {
    await next();
  } catch (error) {
    await over();
    throw error;
  }
  const { signal } = lease;
  if (exclusive && signal.aborted) await over();
  else
    await untilSent(c, {
      over,
      lost: exclusive ? signal : null,
      stalledAfterMs: settings.stalledAfterMs,
    });
  if (exclusive && (signal.aborted || !kept)) {
    await replace(c, leaseLost(signal.reason), settings.onRefused);
  }
}

/** False if it was no longer held. Another's answer does not depend on whether the server could be told. */
async function giveBack(c: Context, lease: Lease, settings: HoldingSettings): Promise<boolean> {
  try {
    await answered(settings, lease.release());
    return true;
  } catch (error) {
    if (codeOf(error) === "not-owner") return false;
    settings.onFault(error, c);
    return true;
  }
}
