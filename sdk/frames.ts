import { FRAME_CHARACTERS_MAX, REQUESTS_PER_FRAME_MAX } from "./bounds.ts";
import { isCount, isObject, readRequest, type BadRequest } from "./decode.ts";
import type { Fault } from "./fault.ts";
import { LIMITS } from "./limits.ts";
import type { Request } from "./requests.ts";
import type { Result } from "./results.ts";

/** The heart-beat: a fixed text that the platform answers while the object sleeps. */
export const PING = "ping";
export const PONG = "pong";

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
  /** The session itself gave back what this token names, by the borrower's name: its lease is released. */
  | { readonly notice: "returned"; readonly token: number }
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

/** Writes requests as frames, as few as the limits allow; the other direction of `decodeRequests`. */
export function encodeRequests(requests: readonly Request[]): string[] {
  const frames: string[][] = [];
  let characters = Infinity;
  for (const request of requests) {
    const text = JSON.stringify(request);
    // One character more for each comma and bracket.
    characters += text.length + 1;
    const isFull = frames.at(-1)?.length === REQUESTS_PER_FRAME_MAX;
    if (isFull || characters >= FRAME_CHARACTERS_MAX) {
      frames.push([]);
      characters = text.length + 1;
    }
    frames.at(-1)?.push(text);
  }
  return frames.map((texts) => `[${texts.join(",")}]`);
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

function isMessage(entry: unknown): boolean {
  if (!isObject(entry)) return false;
  const { re, ok, error, notice, held, token, reason } = entry;
  if (re !== undefined) return isCount(re) && (error === undefined ? isObject(ok) : isFault(error));
  switch (notice) {
    case "welcome":
      return Array.isArray(held) && held.every(isCount);
    case "lost":
      return isCount(token) && typeof reason === "string";
    case "returned":
      return isCount(token);
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
