import type { Context } from "hono";
import { nameFor, sha256 } from "./names.ts";

export const KEY_HEADER = "Idempotency-Key";
export const KEY_CHARACTERS_MAX = 255;

/** What a key is called everywhere: the lock, the event and the entry in the store. */
export const DEFAULT_PREFIX = "once/";

/**
 * Reads the header as the draft has it, a structured-field string (`"8e03978e"`), or bare, as most clients send it.
 * Both are the same key. `null` for what is no key.
 */
export function readKey(header: string): string | null {
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header)?.[1];
  if (quoted === undefined && /["\\]/.test(header)) return null;
  const key = quoted?.replaceAll(/\\(["\\])/g, "$1") ?? header;
  return /^[\x20-\x7e]{1,255}$/.test(key) ? key : null;
}

/** @param scope keys of different scopes never meet. */
export function nameOfKey(prefix: string, scope: string | undefined, key: string): Promise<string> {
  // Without its slashes no scope and key look like another scope and key.
  const within = scope?.replaceAll("%", "%25").replaceAll("/", "%2F");
  return nameFor(prefix, within === undefined ? key : `${within}/${key}`);
}

/**
 * What tells one request from another: method, path, query, body, and, where nothing else tells the callers apart,
 * who asks. So nobody is given another's answer by having guessed a key.
 */
export async function fingerprintOf(
  c: Context,
  body: Uint8Array<ArrayBuffer>,
  isScoped: boolean,
): Promise<string> {
  const { pathname, search } = new URL(c.req.url);
  const caller = isScoped ? "" : (c.req.header("Authorization") ?? "");
  return sha256(JSON.stringify([c.req.method, pathname + search, caller, await sha256(body)]));
}

/** The request's body, which handlers can read all the same. */
export async function bodyOf(c: Context): Promise<Uint8Array<ArrayBuffer>> {
  // What was read through `c.req` before can be read again there, and only there.
  const source = c.req.raw.bodyUsed ? c.req : c.req.raw.clone();
  return new Uint8Array(await source.arrayBuffer());
}
