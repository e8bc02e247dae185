import type { Operation, Request } from "./requests.ts";
import type { Result } from "./results.ts";
import { TIMEOUT_MS_MAX } from "./bounds.ts";

/** Of a call, what whoever starts it says. */
export type CallOptions = Pick<Call, "deadlineMs" | "succeed" | "fail" | "orphaned">;

/** A request without its id, which the connection gives it. */
export type RequestBody = Request extends infer Each
  ? Each extends Request
    ? Omit<Each, "id">
    : never
  : never;

/** A request that has no answer yet. */
export interface Call {
  readonly id: number;
  readonly body: RequestBody;
  readonly createdAtMs: number;
  /** When its own time limit is over; `null` where it has none. */
  readonly deadlineMs: number | null;
  /** The link that carried it first; `null` while the server cannot have seen it. */
  firstSentOn: object | null;
  succeed(result: Result): void;
  fail(error: Error): void;
  /** What is done with the answer when the call has failed meanwhile. Without it, the answer is not asked for again. */
  readonly orphaned?: (result: Result) => void;
}

/** For a request whose answer changes nothing. */
export const UNATTENDED = { deadlineMs: null, succeed: () => {}, fail: () => {} };

/** The requests without an answer, by id. */
export class Calls extends Map<number, Call> {
  add(call: Call): void {
    this.set(call.id, call);
  }

  /** Takes a call out; `undefined` if it has been settled or withdrawn. */
  take(id: number): Call | undefined {
    const call = this.get(id);
    this.delete(id);
    return call;
  }

  /** In the order of their ids, which is the order in which they are repeated. */
  all(): Call[] {
    return [...this.values()].toSorted((a, b) => a.id - b.id);
  }

  /** Fails those that `matches` picks; all, where it is left out. */
  fail(error: () => Error, matches: (call: Call) => boolean = () => true): void {
    for (const call of this.all()) {
      if (matches(call)) this.take(call.id)?.fail(error());
    }
  }
}

/** The request as it goes out now: its time limit is what is left of it. */
export function toRequest({ id, body, deadlineMs }: Call, nowMs: number): Request {
  if (deadlineMs === null) return { id, ...body };
  // A fraction that was lost in the sum may come back as a millisecond too many.
  const leftMs = Math.min(Math.ceil(deadlineMs - nowMs), TIMEOUT_MS_MAX);
  return { id, ...body, timeoutMs: Math.max(0, leftMs) } as Request;
}

/** They speak of what their session has, and mean nothing in another. */
const SESSION_BOUND: ReadonlySet<Operation> = new Set(["cancel", "confirm", "end"]);

/** So does what names something held: a lease, or an end of a stream. */
function isSessionBound(body: RequestBody): boolean {
  return SESSION_BOUND.has(body.op) || "token" in body || "end" in body || "from" in body;
}

/**
 * True if a call goes on in the next session when its own is over. What the server may have seen does not, for it
 * could be done twice; what has waited for a whole session's trusted time does not, unless its own time limit is to come.
 */
export function outlivesSession(
  { body, createdAtMs, deadlineMs, firstSentOn }: Call,
  { nowMs, trustedMs }: { nowMs: number; trustedMs: number },
): boolean {
  if (firstSentOn !== null || isSessionBound(body)) return false;
  return createdAtMs + trustedMs > nowMs || (deadlineMs !== null && deadlineMs > nowMs);
}

/** They make a claim, which a cancel takes back. */
const CLAIMING: ReadonlySet<Operation> = new Set(["acquire", "wait", "open", "send", "receive"]);
/** They give something up, and are repeated until the server knows. */
const GIVING_UP: ReadonlySet<Operation> = new Set(["cancel", "confirm", "release"]);

/** What the server must be asked once these calls have failed here, so that nothing is left of what it may know. */
export function remediesFor(calls: readonly Call[]): RequestBody[] {
  const withdrawn = new Set(calls.map(({ body }) => (body.op === "cancel" ? body.target : null)));
  return calls.flatMap(({ id, body, firstSentOn }): RequestBody[] => {
    if (withdrawn.has(id)) return [];
    if (GIVING_UP.has(body.op)) return [body];
    return CLAIMING.has(body.op) && firstSentOn !== null ? [{ op: "cancel", target: id }] : [];
  });
}
