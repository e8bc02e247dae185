import { NAME_BYTES_MAX, NAME_CHARACTERS_MAX, CLIENT_CHARACTERS_MAX } from "./bounds.ts";
import { invalid, sizeFault } from "./checks.ts";
import type { Fault } from "./fault.ts";
import type { LimitName } from "./limits.ts";

/** The primitives that a name can stand for; the third segment of an object's URL. */
export const KINDS = ["lock", "semaphore", "event", "condition", "limiter", "stream"] as const;
export type Kind = (typeof KINDS)[number];

export function isKind(text: string): text is Kind {
  return (KINDS as readonly string[]).includes(text);
}

/** What is wrong with a primitive's name, and what is allowed; `null` for a good one. */
export function nameFault(name: unknown): Fault | null {
  const fault = textFault(name, "A name", "nameCharactersMax", NAME_CHARACTERS_MAX);
  if (fault !== null) return fault;
  return sizeFault(`A name is at most ${NAME_BYTES_MAX} bytes of UTF-8`, "nameBytesMax", {
    is: new TextEncoder().encode(name as string).length,
    max: NAME_BYTES_MAX,
  });
}

export function isName(name: unknown): name is string {
  return nameFault(name) === null;
}

/** What is wrong with a namespace, and what is allowed; `null` for a good one. */
export function namespaceFault(namespace: unknown): Fault | null {
  if (typeof namespace === "string" && /^[a-z0-9-]{1,63}$/.test(namespace)) return null;
  return invalid('A namespace is 1 to 63 of the characters a-z, 0-9 and "-"', namespace);
}

/** What is wrong with a client's name, and what is allowed; `null` for a good one. */
export function clientFault(client: unknown): Fault | null {
  return textFault(client, "A client's name", "clientCharactersMax", CLIENT_CHARACTERS_MAX);
}

/**
 * The path and query of an object. A name is one percent-encoded segment; `.` and `..`, which every URL parser
 * would fold away, travel in the query instead.
 */
export function objectPath(namespace: string, kind: Kind, name: string): string {
  const base = `/v1/${namespace}/${kind}`;
  if (name === "." || name === "..") return `${base}?name=${name}`;
  return `${base}/${encodeURIComponent(name)}`;
}

function textFault(text: unknown, what: string, limit: LimitName, max: number): Fault | null {
  const rule = `${what} is 1 to ${max} characters`;
  if (typeof text !== "string" || !/^[^\p{Cc}\p{Cs}]+$/u.test(text)) {
    return invalid(`${rule}, none of them a control character or a lone surrogate`, text);
  }
  // Code points: a surrogate pair is one character.
  return sizeFault(rule, limit, { is: Array.from(text).length, max });
}
