import type { Fault } from "./fault.ts";
import { LIMITS, type LimitName } from "./limits.ts";

/** The primitives that a name can stand for; the third segment of an object's URL. */
export const KINDS = ["lock", "semaphore", "event", "condition", "limiter", "stream"] as const;
export type Kind = (typeof KINDS)[number];

const NAMESPACE = /^[a-z0-9-]{1,63}$/;
const CONTROL_CHARACTER = /\p{Cc}/u;
const NAME_RULE = `A name is 1 to ${LIMITS.nameCharactersMax} characters and at most ${LIMITS.nameBytesMax} bytes of UTF-8, any Unicode but control characters and lone surrogates`;

export function isKind(text: string): text is Kind {
  return (KINDS as readonly string[]).includes(text);
}

/** What is wrong with a primitive's name, and what is allowed; `null` for a good one. */
export function nameFault(name: unknown): Fault | null {
  if (typeof name !== "string") return invalid(`${NAME_RULE}; this is ${describe(name)}.`);
  if (name === "") return invalid(`${NAME_RULE}; this one is empty.`);
  if (!name.isWellFormed()) return invalid(`${NAME_RULE}; this one has a lone surrogate.`);
  if (CONTROL_CHARACTER.test(name))
    return invalid(`${NAME_RULE}; this one has a control character.`);
  const characters = codePoints(name);
  if (characters > LIMITS.nameCharactersMax) {
    return exceeded("nameCharactersMax", `${NAME_RULE}; this one has ${characters} characters.`);
  }
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > LIMITS.nameBytesMax) {
    return exceeded("nameBytesMax", `${NAME_RULE}; this one has ${bytes} bytes.`);
  }
  return null;
}

export function isName(name: unknown): name is string {
  return nameFault(name) === null;
}

/** What is wrong with a namespace, and what is allowed; `null` for a good one. */
export function namespaceFault(namespace: unknown): Fault | null {
  if (typeof namespace === "string" && NAMESPACE.test(namespace)) return null;
  return invalid(
    `A namespace is 1 to 63 of the characters a-z, 0-9 and "-", not ${describe(namespace)}.`,
  );
}

/** What is wrong with a client's name, and what is allowed; `null` for a good one. */
export function clientFault(client: unknown): Fault | null {
  const rule = `A client's name is 1 to ${LIMITS.clientCharactersMax} characters without control characters`;
  if (typeof client !== "string" || client === "" || !client.isWellFormed()) {
    return invalid(`${rule}, not ${describe(client)}.`);
  }
  if (CONTROL_CHARACTER.test(client)) return invalid(`${rule}; this one has one.`);
  const characters = codePoints(client);
  if (characters <= LIMITS.clientCharactersMax) return null;
  return exceeded("clientCharactersMax", `${rule}; this one has ${characters} characters.`);
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

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

function invalid(message: string): Fault {
  return { code: "invalid-argument", message };
}

function exceeded(limit: LimitName, message: string): Fault {
  return { code: "limit-exceeded", message, limit, max: LIMITS[limit] };
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  if (typeof value === "number") return String(value);
  return value === null ? "null" : `a value of type ${typeof value}`;
}
