import type { EndRequest, Fault, Reply, Request, Side, Statistics } from "../../sdk/protocol.ts";
import type { Claim, Session } from "./claim.ts";

/** A primitive's mind: it decides, and never waits, reads a clock, draws a number or sends. */
export interface Machine {
  /** Carries out one command at `nowMs` (milliseconds since the epoch); the effects are in order. */
  apply(command: Command, nowMs: number): Effect[];
  /** When `expire` next has something to do; `null` when never. */
  readonly nextDeadlineMs: number | null;
  /** True if the session waits for or holds something, so that its silence matters to others. */
  involves(session: Session): boolean;
  /** The tokens of what the session holds. */
  heldTokens(session: Session): number[];
  /** True if the session has something that it must give back: what it holds, or items that it has not confirmed. */
  holds(session: Session): boolean;
  /** True if nothing would be missed were the object's storage wiped. */
  readonly disposable: boolean;
  /** Why there is nothing to inspect yet; `null` where there is. */
  readonly notConfigured: Fault | null;
  statistics(): Statistics;
  inspect(options: { waitersMax: number }): Inspection;
}

/** What `Machine` implementations are made from when an object wakes. */
export interface Recovered {
  readonly claims: readonly Claim[];
  /** The greatest token that storage remembers; 0 for a new name. */
  readonly lastToken: number;
  /** What the machine last put with `put-state`; `null` if it never did. */
  readonly state: unknown;
  readonly items: readonly Item[];
}

/** What a stream carries, from when it is accepted until its receiver confirms it (ST3). */
export interface Item {
  /** Its place: items are delivered in this order. Also its name on the wire. */
  readonly seq: number;
  /** JSON, as it came. */
  readonly text: string;
  readonly redelivered: boolean;
  /** Who has been given it and has not confirmed it; `null` while it is in the buffer. */
  readonly delivery: Delivery | null;
}
export interface Delivery {
  readonly session: Session;
  /** The receive that it answers. */
  readonly requestId: number;
  /** The end that it was received on, by its token. */
  readonly end: number;
}

export type ClientRequest = Exclude<Request, EndRequest>;

export type Command =
  | { readonly type: "request"; readonly session: Session; readonly request: ClientRequest }
  | { readonly type: "end-session"; readonly session: Session }
  | { readonly type: "revoke"; readonly token: number }
  /** Ends waits whose time is up, and all that these sessions have, before anything of it is handed over (W3). */
  | { readonly type: "expire"; readonly sessions?: readonly Session[] };

export type Effect =
  | { readonly type: "reply"; readonly session: Session; readonly reply: Reply }
  /** Tells a session that what it held was taken from it, or that it has itself given it back by another name. */
  | { readonly type: "revoked" | "returned"; readonly session: Session; readonly token: number }
  | { readonly type: "put-claim"; readonly claim: Claim }
  | { readonly type: "drop-claim"; readonly claim: Claim }
  | { readonly type: "put-session"; readonly session: Session }
  | { readonly type: "put-state"; readonly state: unknown }
  | { readonly type: "put-item"; readonly item: Item }
  | { readonly type: "drop-item"; readonly seq: number };

/** Who holds and who waits, for operators. Times are milliseconds since the epoch. */
export interface Inspection {
  readonly holders: readonly HolderReport[];
  readonly waiters: readonly WaiterReport[];
}
export interface HolderReport {
  readonly client: string;
  readonly token: number;
  readonly permits: number;
  readonly since: number;
  /** Of a limiter. */
  readonly borrower?: string;
  /** Of a stream, whose holders are its open ends. */
  readonly side?: Side;
}
export interface WaiterReport {
  readonly client: string;
  readonly permits: number;
  readonly since: number;
  /** 1 is served next. */
  readonly position: number;
  /** Where a primitive has more than one line: what it waits for. */
  readonly waitsFor?: "lock" | "notification" | "room" | "item";
  /** Of a limiter. */
  readonly borrower?: string;
}

export function replyOk(session: Session, re: number, ok: object = {}): Effect {
  return { type: "reply", session, reply: { re, ok: ok as Record<string, never> } };
}

export function replyError(session: Session, re: number, error: Fault): Effect {
  return { type: "reply", session, reply: { re, error } };
}
