import type { Request, Result } from "./frames.ts";

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
    return [...this.#byId.values()];
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
  if (body.op !== "acquire" || deadlineMs === null) return { id, ...body };
  return { id, ...body, timeoutMs: Math.max(0, Math.ceil(deadlineMs - nowMs)) };
}
