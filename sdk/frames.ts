import type { Fault } from "./fault.ts";
import { LIMITS } from "./limits.ts";

/** The heart-beat: a fixed text that the platform answers while the object sleeps. */
export const PING = "ping";
export const PONG = "pong";

/** What the first client to open a semaphore's name fixes for good. */
export interface SemaphoreConfig {
  readonly permits: number;
  readonly maxPermits?: number;
}

export type Config = SemaphoreConfig;

/** What a client asks. `id` only grows within a session; the answer carries the same number. */
export type Request =
  | AcquireRequest
  | ReleaseRequest
  | CancelRequest
  | DepositRequest
  | StatisticsRequest
  | EndRequest;

interface RequestBase {
  readonly id: number;
  /** The configuration that the caller states, if it states one. */
  readonly config?: Config;
}
/** Joins the line. Answered with a `Grant` when granted, or with `timeout`; `timeoutMs` 0 never waits. */
export interface AcquireRequest extends RequestBase {
  readonly op: "acquire";
  /** How many permits, all or nothing. A lock has one. */
  readonly permits: number;
  readonly timeoutMs?: number;
}
/** Ends the held claim that bears the token. */
export interface ReleaseRequest extends RequestBase {
  readonly op: "release";
  readonly token: number;
}
/** Withdraws the acquire with the id `target`: it leaves the line, or gives back what it was granted. */
export interface CancelRequest extends RequestBase {
  readonly op: "cancel";
  readonly target: number;
}
/** Adds permits that nobody held. */
export interface DepositRequest extends RequestBase {
  readonly op: "deposit";
  readonly permits: number;
}
export interface StatisticsRequest extends RequestBase {
  readonly op: "statistics";
}
/** Ends the session: everything it holds and waits for is freed at once. */
export interface EndRequest extends RequestBase {
  readonly op: "end";
}

export type Operation = Request["op"];

export interface Grant {
  readonly token: number;
}

export interface OwnerStatistics {
  readonly client: string;
  readonly token: number;
  /** When it was granted, in milliseconds since the epoch, on the server's clock. */
  readonly since: number;
}
export interface LockStatistics {
  readonly locked: boolean;
  readonly owner: OwnerStatistics | null;
  readonly tasksWaiting: number;
}
export interface SemaphoreStatistics {
  readonly value: number;
  /** `null` where the semaphore was configured without one. */
  readonly maxPermits: number | null;
  readonly tasksWaiting: number;
}
export type Statistics = LockStatistics | SemaphoreStatistics;

export type Result = Grant | Statistics | Record<string, never>;

/** The answer to one request. */
export type Reply =
  | { readonly re: number; readonly ok: Result }
  | { readonly re: number; readonly error: Fault };

/** What a server says unasked. */
export type Notice =
  /** The session is open and durable. `held` are the tokens of its held claims, so that both sides agree. */
  | {
      readonly notice: "welcome";
      readonly version: number;
      readonly resumed: boolean;
      readonly held: readonly number[];
    }
  /** The claim with this token ended without a release. */
  | { readonly notice: "lost"; readonly token: number; readonly reason: "revoked" }
  /** The session is over, and with it all that it held; the socket is closed after this. */
  | { readonly notice: "session-ended"; readonly reason: "expired" | "session-ended" }
  /** The server will not serve this socket; it is closed after this. The session itself is untouched. */
  | { readonly notice: "refused"; readonly error: Fault };

export type ServerMessage = Reply | Notice;

/** Close codes; each follows a notice that says the same in words. */
export const CLOSE = {
  ended: 1000,
  refused: 4400,
  superseded: 4409,
  sessionEnded: 4410,
} as const;

/** A request that could not be read, but whose id could: it is answered, and the rest of the frame stands. */
export interface BadRequest {
  readonly id: number;
  readonly bad: Fault;
}

/** Reads a frame from a client. A frame that is not one at all is a fault, and nothing in it is applied. */
export function decodeRequests(
  text: string,
): { requests: (Request | BadRequest)[] } | { fault: Fault } {
  if (text.length > LIMITS.frameCharactersMax) {
    return exceeded("frameCharactersMax", `a frame has ${text.length} characters`);
  }
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return malformed("a frame is JSON");
  }
  if (!Array.isArray(frame)) return malformed("a frame is an array of requests");
  if (frame.length > LIMITS.requestsPerFrameMax) {
    return exceeded("requestsPerFrameMax", `a frame has ${frame.length} requests`);
  }
  const requests: (Request | BadRequest)[] = [];
  for (const entry of frame as unknown[]) {
    const request = readRequest(entry);
    if (request === null)
      return malformed("every request is an object with an id from 1 and an op");
    requests.push(request);
  }
  return { requests };
}

/** Writes a frame of requests; the other direction of `decodeRequests`. */
export function encodeRequests(requests: readonly Request[]): string {
  return JSON.stringify(requests);
}

export function encodeMessages(messages: readonly ServerMessage[]): string {
  return JSON.stringify(messages);
}

/** Reads a frame from a server; `null` for what is not one. What this version does not know is left to the caller. */
export function decodeMessages(text: string): ServerMessage[] | null {
  try {
    const frame: unknown = JSON.parse(text);
    return Array.isArray(frame) && frame.every(isMessage) ? (frame as ServerMessage[]) : null;
  } catch {
    return null;
  }
}

function readRequest(entry: unknown): Request | BadRequest | null {
  if (typeof entry !== "object" || entry === null) return null;
  const raw = entry as Record<string, unknown>;
  const { id, op } = raw;
  if (!isCount(id) || id < 1 || typeof op !== "string") return null;
  const { config } = raw;
  if (config !== undefined && !isConfig(config)) return bad(id, '"config" is an object of numbers');
  const base = config === undefined ? { id } : { id, config };
  switch (op) {
    case "acquire": {
      const permits = raw["permits"] ?? 1;
      const { timeoutMs } = raw;
      if (typeof permits !== "number") return bad(id, '"permits" is a number');
      if (timeoutMs === undefined) return { ...base, op, permits };
      if (!isCount(timeoutMs) || timeoutMs > LIMITS.timeoutMsMax) {
        return bad(id, `"timeoutMs" is a whole number from 0 to ${LIMITS.timeoutMsMax}`);
      }
      return { ...base, op, permits, timeoutMs };
    }
    case "release": {
      const { token } = raw;
      return isCount(token) ? { ...base, op, token } : bad(id, '"token" is a whole number');
    }
    case "cancel": {
      const { target } = raw;
      return isCount(target) ? { ...base, op, target } : bad(id, '"target" is a request\'s id');
    }
    case "deposit": {
      const { permits } = raw;
      if (typeof permits !== "number") return bad(id, '"permits" is a number');
      return { ...base, op, permits };
    }
    case "statistics":
    case "end":
      return { ...base, op };
    default:
      return bad(id, `this server knows no operation ${JSON.stringify(op.slice(0, 40))}`);
  }
}

function isMessage(entry: unknown): boolean {
  if (!isObject(entry)) return false;
  const { re, ok, error, notice, held, token, reason } = entry;
  if (re !== undefined) return isCount(re) && (error === undefined ? isObject(ok) : isFault(error));
  switch (notice) {
    case "welcome":
      return Array.isArray(held) && held.every(isCount);
    case "lost":
      return isCount(token) && typeof reason === "string";
    case "session-ended":
      return typeof reason === "string";
    case "refused":
      return isFault(error);
    default:
      return true;
  }
}

function isFault(value: unknown): boolean {
  return (
    isObject(value) && typeof value["code"] === "string" && typeof value["message"] === "string"
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Of numbers only: a configuration is quoted in faults, and what is nested without end cannot be. */
function isConfig(value: unknown): value is Config {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every((each) => typeof each === "number");
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function bad(id: number, what: string): BadRequest {
  return { id, bad: { code: "protocol", message: `The request is malformed: ${what}.` } };
}

function malformed(what: string): { fault: Fault } {
  return { fault: { code: "protocol", message: `The frame is malformed: ${what}.` } };
}

function exceeded(
  limit: "frameCharactersMax" | "requestsPerFrameMax",
  what: string,
): { fault: Fault } {
  const max = LIMITS[limit];
  return {
    fault: { code: "limit-exceeded", message: `Too large: ${what}, at most ${max}.`, limit, max },
  };
}
