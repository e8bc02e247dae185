import type { Operation, Request } from "./requests.ts";
import type { Result } from "./results.ts";
import { LIMITS } from "./limits.ts";

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
}

/** For a request whose answer changes nothing. */
export const UNATTENDED = { deadlineMs: null, succeed: () => {}, fail: () => {} };

/** The requests without an answer, in the order of their ids, which is the order in which they are repeated. */
export class Calls {
  readonly #byId = new Map<number, Call>();

  get size(): number {
    return this.#byId.size;
  }

  add(call: Call): void {
    this.#byId.set(call.id, call);
  }

  has(call: Call): boolean {
    return this.#byId.has(call.id);
  }

  /** Takes a call out; `null` if it has been settled or withdrawn. */
  take(id: number): Call | null {
    const call = this.#byId.get(id);
    if (call === undefined) return null;
    this.#byId.delete(id);
    return call;
  }

  all(): Call[] {
    return [...this.#byId.values()].toSorted((a, b) => a.id - b.id);
  }

  /** True while a `cancel` of the request has no answer. */
  isBeingCancelled(id: number): boolean {
    return this.all().some(({ body }) => body.op === "cancel" && body.target === id);
  }

  forgetFirstSendsOn(link: object): void {
    for (const call of this.#byId.values()) if (call.firstSentOn === link) call.firstSentOn = null;
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
  const leftMs = Math.min(Math.ceil(deadlineMs - nowMs), LIMITS.timeoutMsMax);
  return { id, ...body, timeoutMs: Math.max(0, leftMs) } as Request;
}

/** They speak of what their session has, and mean nothing in another. */
const SESSION_BOUND: ReadonlySet<Operation> = new Set(["cancel", "confirm", "end"]);

/** So does what names something held: a lease, or an end of a stream. */
function isSessionBound(body: RequestBody): boolean {
  return SESSION_BOUND.has(body.op) || "token" in body || "end" in body || "from" in body;
}

/** A condition's wait that the server may know of: even cancelled it is granted the lock, and tells whoever repeats it. */
export function isToBeGranted({ body, firstSentOn }: Call): boolean {
  return body.op === "wait" && body.token !== undefined && firstSentOn !== null;
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

/** What the server must be asked once these calls have failed here, so that nothing is left of what it may know. */
export function remediesFor(calls: readonly Call[]): RequestBody[] {
  const withdrawn = new Set(
    calls.flatMap(({ body }) => (body.op === "cancel" ? [body.target] : [])),
  );
  return calls.flatMap((call) => {
    if (withdrawn.has(call.id)) return [];
    const remedy = remedyFor(call);
    return remedy === null ? [] : [remedy];
  });
}

function remedyFor({ id, body, firstSentOn }: Call): RequestBody | null {
  switch (body.op) {
    case "acquire":
    case "wait":
    case "open":
    case "send":
    case "receive":
      return firstSentOn === null ? null : { op: "cancel", target: id };
    case "cancel":
    case "confirm":
    case "release":
      return body;
    case "deposit":
    case "set":
    case "clear":
    case "notify":
    case "return":
    case "set-total":
    case "reset":
    case "statistics":
    case "end":
      return null;
  }
}
