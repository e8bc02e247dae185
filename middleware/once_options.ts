import type { Context } from "hono";
import type { KeyOf } from "./names.ts";
import { checkMs, readCommon, type CommonOptions, type CommonSettings } from "./options.ts";
import type { ResponseStore } from "./response_store.ts";

export interface OncePerKeyOptions extends CommonOptions {
  /** Where answers are kept, for all programs that serve the same keys. */
  readonly store: ResponseStore;
  /** How long the store keeps an answer, in milliseconds. Default 24 hours. After that a repeat is refused, not run. */
  readonly ttlMs?: number | undefined;
  /**
   * The key of a request. Default: its `Idempotency-Key` header, quoted or bare, 1 to 255 printable ASCII characters.
   * A webhook's may be the event's id, out of its body. `null` exempts a request.
   */
  readonly key?: KeyOf | undefined;
  /** False lets requests without a key pass, unprotected. Default true: they get 400. */
  readonly required?: boolean | undefined;
  /**
   * Who asks, such as the user's id: keys of different scopes never meet. Without it the `Authorization` header is
   * part of what must be the same in a repeat. Where callers are told apart by something else, such as a cookie, state it.
   */
  readonly scope?: KeyOf | undefined;
  /** What the names of locks and events, and the keys of the store, begin with. Default `once/`. */
  readonly prefix?: string | undefined;
  /** What must be the same in a repeat. Default: a hash of method, path, query and body. */
  readonly fingerprint?: ((c: Context) => string | Promise<string>) | undefined;
  /**
   * Whether an answer is kept. If not, the key is free again, and a repeat runs. Default: every status below 500 but
   * 401, 408, 409, 425 and 429, which say "not now". What was answered for a handler that threw is never asked about.
   */
  readonly isFinal?: ((response: Response, c: Context) => boolean) | undefined;
  /** Larger bodies are sent, but not kept: repeats are refused. In bytes. Default 1 MiB. */
  readonly bodyBytesMax?: number | undefined;
}

export interface OncePerKeySettings extends CommonSettings {
  readonly store: ResponseStore;
  readonly ttlMs: number;
  readonly isFinal: (response: Response, c: Context) => boolean;
  readonly bodyBytesMax: number;
}

const DAY_MS = 86_400_000;
/** They say "not now" rather than "no". */
const NOT_NOW = new Set([401, 408, 409, 425, 429]);

/** @throws InvalidArgumentError for a number that is none, and for a prefix that does not fit a name. */
export function readOnce(options: OncePerKeyOptions): OncePerKeySettings {
  const { store, ttlMs = DAY_MS, bodyBytesMax = 1_048_576 } = options;
  const { isFinal = ({ status }) => status < 500 && !NOT_NOW.has(status) } = options;
  checkMs({ ttlMs, bodyBytesMax });
  return { ...readCommon(options), store, ttlMs, isFinal, bodyBytesMax };
}
