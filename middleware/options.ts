import type { Context } from "hono";
import { InvalidArgumentError } from "../sdk/index.ts";
import type { ClientSource } from "./client.ts";
import { checkPrefix } from "./names.ts";
import type { OnRefused } from "./refusal.ts";

/** What every middleware of this package takes. */
export interface CommonOptions {
  /**
   * The client to use, which is not closed; or a function that makes one for a request, which is closed when the
   * request is over. Give a function on Workers, where a client serves one request; and where so many keys are used in
   * half a minute that a socket for each is too much.
   */
  readonly latchwork: ClientSource;
  /** How long a request may wait in line, in milliseconds. Default 0: now or not at all. */
  readonly timeoutMs?: number | undefined;
  /** What `Retry-After` says to whom is refused for now, in milliseconds. Default 1,000. */
  readonly retryAfterMs?: number | undefined;
  /** How long Latchwork may keep a request waiting *for itself* before it counts as unavailable. Default 5,000 ms. */
  readonly unavailableAfterMs?: number | undefined;
  /**
   * Where Latchwork cannot be reached: `"refuse"`, the default, answers 503; `"proceed"` runs the handler as though
   * there were no limit.
   */
  readonly onUnavailable?: "refuse" | "proceed" | undefined;
  /** Makes a response of one's own for what is refused. */
  readonly onRefused?: OnRefused | undefined;
  /**
   * Hears of errors that the client of this API is not told of: it had its answer all the same. Default: the console.
   */
  readonly onFault?: ((error: unknown, c: Context) => void) | undefined;
}

/** The same, filled in. */
export interface CommonSettings {
  readonly source: ClientSource;
  readonly timeoutMs: number;
  readonly retryAfterMs: number;
  readonly unavailableAfterMs: number;
  readonly proceeds: boolean;
  readonly onRefused: OnRefused | undefined;
  readonly onFault: (error: unknown, c: Context) => void;
}

/** @throws InvalidArgumentError for a number that is none, and for a prefix that does not fit a name. */
export function readCommon(
  options: CommonOptions & { prefix?: string | undefined },
): CommonSettings {
  const { timeoutMs = 0, retryAfterMs = 1_000, unavailableAfterMs = 5_000 } = options;
  checkPrefix(options.prefix);
  checkMs({ timeoutMs, retryAfterMs, unavailableAfterMs });
  return {
    source: options.latchwork,
    timeoutMs,
    retryAfterMs,
    unavailableAfterMs,
    proceeds: options.onUnavailable === "proceed",
    onRefused: options.onRefused,
    onFault: options.onFault ?? report,
  };
}

/** Timers of most runtimes go no further. */
const MS_MAX = 2_147_483_647;

export function checkMs(values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (Number.isFinite(value) && value >= 0 && value <= MS_MAX) continue;
    throw new InvalidArgumentError(`${name} is a number from 0 to ${MS_MAX}, not ${value}.`);
  }
}

function report(error: unknown): void {
  // oxlint-disable-next-line no-console -- an error that nobody hears of is worse, and `onFault` replaces this
  console.error(error);
}
