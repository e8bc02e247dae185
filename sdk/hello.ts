import { base64Url } from "./base64url.ts";
import { SESSION_TTL_MS_MAX, SESSION_TTL_MS_MIN } from "./bounds.ts";
import { countFault } from "./checks.ts";
import type { Fault } from "./fault.ts";
import { LIMITS } from "./limits.ts";
import { clientFault } from "./names.ts";

/** The wire versions that this code speaks, best first. */
export const PROTOCOL_VERSIONS = [1] as const;

/**
 * What a client says of itself in the upgrade request, so that opening or resuming a session costs no round trip.
 * It travels in `Sec-WebSocket-Protocol`, the one header that browsers let a program set, because the secret
 * must not stand in a URL.
 */
export interface Hello {
  /** Drawn by the client; names the session at this object. */
  readonly session: string;
  /** Drawn by the client; whoever knows it may resume the session. */
  readonly secret: string;
  /** A name that operators see. */
  readonly client: string;
  /** How long the server keeps what this session holds after it falls silent, in milliseconds. */
  readonly ttlMs: number;
  /** Counts this session's connections. A connection with a higher number supersedes the lower ones. */
  readonly attempt: number;
  /** True once the server has welcomed the session: then a session it does not know has ended. */
  readonly resume: boolean;
}

const VERSION_PREFIX = "latchwork.v";
const HELLO_PREFIX = "latchwork.hello.";
const TOKEN_PREFIX = "latchwork.token.";
const SESSION_ID = /^[A-Za-z0-9_-]+$/;

/** The subprotocols that a client offers: the versions it speaks, its hello, and its token if it has one. */
export function offeredProtocols(hello: Hello, token?: string): string[] {
  return [
    ...PROTOCOL_VERSIONS.map((version) => `${VERSION_PREFIX}${version}`),
    HELLO_PREFIX + encodeText(JSON.stringify(hello)),
    ...(token === undefined ? [] : [TOKEN_PREFIX + encodeText(token)]),
  ];
}

/** What a server reads from the `Sec-WebSocket-Protocol` header of an upgrade request. */
export interface Offer {
  /** The subprotocol to answer with: the best common version, else the first that was offered. */
  readonly protocol: string | null;
  /** The best version that both speak; `null` when versions do not meet. */
  readonly version: number | null;
  /** The header's value with the token left out, to hand on to the object. */
  readonly withoutToken: string;
  readonly hello: string | null;
  readonly token: string | null;
}

export function readOffer(header: string | null): Offer {
  const parts = (header ?? "").split(",").map((part) => part.trim());
  const versions = parts.filter((part) => part.startsWith(VERSION_PREFIX));
  const version =
    PROTOCOL_VERSIONS.find((known) => versions.includes(`${VERSION_PREFIX}${known}`)) ?? null;
  return {
    protocol: version === null ? (versions[0] ?? null) : `${VERSION_PREFIX}${version}`,
    version,
    withoutToken: parts.filter((part) => !part.startsWith(TOKEN_PREFIX)).join(", "),
    hello: decodePart(parts, HELLO_PREFIX),
    token: decodePart(parts, TOKEN_PREFIX),
  };
}

/** A validated hello, or the fault that says what is wrong with it. */
export function readHello(text: string | null): { hello: Hello } | { fault: Fault } {
  if (text === null) return broken("the upgrade request offers no latchwork.hello subprotocol");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return broken("the hello is not JSON");
  }
  if (typeof value !== "object" || value === null) return broken("the hello is not an object");
  const { session, secret, client, ttlMs, attempt, resume } = value as Record<string, unknown>;
  if (!isSessionId(session)) return notSessionId("session");
  if (!isSessionId(secret)) return notSessionId("secret");
  const fault = clientFault(client) ?? ttlFault(ttlMs);
  if (fault !== null) return { fault };
  if (!Number.isSafeInteger(attempt) || (attempt as number) < 1) {
    return broken('"attempt" is a whole number from 1');
  }
  if (typeof resume !== "boolean") return broken('"resume" is a boolean');
  return {
    hello: {
      session,
      secret,
      client: client as string,
      ttlMs: ttlMs as number,
      attempt: attempt as number,
      resume,
    },
  };
}

/** What is wrong with a session's TTL; `null` for a good one. */
export function ttlFault(ttlMs: unknown): Fault | null {
  return countFault("sessionTtlMs", ttlMs, { from: SESSION_TTL_MS_MIN, to: SESSION_TTL_MS_MAX });
}

function isSessionId(value: unknown): value is string {
  return (
    typeof value === "string" &&
    value.length >= LIMITS.sessionIdCharactersMin &&
    value.length <= LIMITS.sessionIdCharactersMax &&
    SESSION_ID.test(value)
  );
}

function notSessionId(name: string): { fault: Fault } {
  const { sessionIdCharactersMin: min, sessionIdCharactersMax: max } = LIMITS;
  return broken(`"${name}" is ${min} to ${max} characters of base64url`);
}

function broken(what: string): { fault: Fault } {
  return { fault: { code: "protocol", message: `The upgrade request is malformed: ${what}.` } };
}

function decodePart(parts: readonly string[], prefix: string): string | null {
  const part = parts.find((candidate) => candidate.startsWith(prefix));
  return part === undefined ? null : decodeBase64Url(part.slice(prefix.length));
}

function encodeText(text: string): string {
  return base64Url(new TextEncoder().encode(text));
}

function decodeBase64Url(text: string): string | null {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
