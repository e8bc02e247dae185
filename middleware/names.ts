import type { Context } from "hono";
import { routePath } from "hono/route";
import { InvalidArgumentError, LIMITS } from "../sdk/index.ts";

/** What a request is counted under. */
export type KeyOf = (c: Context) => string | null | undefined | Promise<string | null | undefined>;

const HASHED = "sha256:";
const HASH_CHARACTERS = HASHED.length + 64;

/**
 * The name for a key: prefix and key, one behind the other, so that other programs can open the same name. A key that
 * does not fit a name stands there as its SHA-256; one that looks like that does too, or it could pose as another.
 */
export async function nameFor(prefix: string, key: string): Promise<string> {
  const name = prefix + key;
  if (fits(name) && !key.startsWith(HASHED)) return name;
  return prefix + HASHED + (await sha256(key));
}

/** @throws InvalidArgumentError for a prefix that leaves no room for a key. */
export function checkPrefix(prefix: string | undefined): void {
  if (prefix === undefined || fits(prefix + "0".repeat(HASH_CHARACTERS))) return;
  throw new InvalidArgumentError(
    `A prefix has no control characters, and leaves ${HASH_CHARACTERS} of a name's ${LIMITS.nameCharactersMax} characters to the key.`,
  );
}

/** Routes have lines of their own: two that limit the same tenant to different numbers would fight over one. */
export function prefixOfRoute(c: Context): string {
  return `${routePath(c)}#`;
}

/** In hexadecimal. */
export async function sha256(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fits(name: string): boolean {
  return (
    /^[^\p{Cc}\p{Cs}]+$/u.test(name) &&
    Array.from(name).length <= LIMITS.nameCharactersMax &&
    new TextEncoder().encode(name).length <= LIMITS.nameBytesMax
  );
}
