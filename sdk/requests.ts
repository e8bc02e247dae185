/** What the first client to open a semaphore's name fixes for good. */
export interface SemaphoreConfig {
  readonly permits: number;
  readonly maxPermits?: number;
}
/** The same of a limiter; `null` is without limit. */
export interface LimiterConfig {
  readonly totalTokens: number | null;
}
/** The same of a stream; `null` is without limit, 0 a rendezvous. */
export interface StreamConfig {
  readonly maxBufferSize: number | null;
}
export type Config = SemaphoreConfig | LimiterConfig | StreamConfig;

/** What a client asks. `id` only grows on a connection; the answer carries the same number. */
export type Request =
  | AcquireRequest
  | ReleaseRequest
  | CancelRequest
  | StatisticsRequest
  | EndRequest
  | DepositRequest
  | SetRequest
  | ClearRequest
  | WaitRequest
  | NotifyRequest
  | ReturnRequest
  | SetTotalRequest
  | OpenRequest
  | SendRequest
  | ReceiveRequest
  | ConfirmRequest
  | ResetRequest;

export type Operation = Request["op"];

interface RequestBase {
  readonly id: number;
  /** The configuration that the caller states, if it states one. */
  readonly config?: Config;
}

// Of every primitive.

/** Ends the held claim that bears the token: a lock, permits, a borrowing, an end of a stream. */
export interface ReleaseRequest extends RequestBase {
  readonly op: "release";
  readonly token: number;
}
/**
 * Withdraws what the request with the id `target` made: it leaves the line, or gives back what it was granted. Of an
 * event it forgets that the wait was woken; of a condition's `wait` only the waiting ends.
 */
export interface CancelRequest extends RequestBase {
  readonly op: "cancel";
  readonly target: number;
}
export interface StatisticsRequest extends RequestBase {
  readonly op: "statistics";
}
/** Ends the session: everything it holds and waits for is freed at once. */
export interface EndRequest extends RequestBase {
  readonly op: "end";
}

// Of what has a line: lock, semaphore, condition, limiter.

/** Joins the line. Answered with a `Grant` when granted, or with `timeout`; `timeoutMs` 0 never waits. */
export interface AcquireRequest extends RequestBase {
  readonly op: "acquire";
  /** How many permits, all or nothing. What is no semaphore has one. */
  readonly permits: number;
  /** Of a limiter: who borrows. */
  readonly borrower?: string;
  readonly timeoutMs?: number;
}

// Of a semaphore.

/** Adds permits that nobody held. */
export interface DepositRequest extends RequestBase {
  readonly op: "deposit";
  readonly permits: number;
}

// Of an event.

export interface SetRequest extends RequestBase {
  readonly op: "set";
}
export interface ClearRequest extends RequestBase {
  readonly op: "clear";
}

// Of an event and of a condition.

/**
 * Waits for an event to be set; or, with the token of a condition's lock, gives the lock up and waits to be notified.
 * A condition answers with a `Grant` however the wait ended: its `woken` says how.
 */
export interface WaitRequest extends RequestBase {
  readonly op: "wait";
  readonly token?: number;
  readonly timeoutMs?: number;
}

// Of a condition.

/** Wakes the first `count` of those who wait; all, where it is left out. */
export interface NotifyRequest extends RequestBase {
  readonly op: "notify";
  readonly token: number;
  readonly count?: number;
}

// Of a limiter.

/** Gives back what the borrower has, whoever borrowed it. */
export interface ReturnRequest extends RequestBase {
  readonly op: "return";
  readonly borrower: string;
}
export interface SetTotalRequest extends RequestBase {
  readonly op: "set-total";
  /** `null` is without limit. */
  readonly totalTokens: number | null;
}

// Of a stream. An end is named by the token that its `open` was granted; `release` closes it.

export type Side = "send" | "receive";

/** Opens an end; with `from`, a clone of that one. */
export interface OpenRequest extends RequestBase {
  readonly op: "open";
  readonly side: Side;
  readonly from?: number;
}
/** Answered when the item is in the buffer, or with a receiver; `timeoutMs` 0 never waits. */
export interface SendRequest extends RequestBase {
  readonly op: "send";
  /** Left out, the item is sent by itself: no end opens for it, and none closes after it. */
  readonly end?: number;
  /** JSON. */
  readonly item: string;
  readonly timeoutMs?: number;
}
/** Answered with a `Delivery` of 1 to `max` items; `timeoutMs` 0 never waits. */
export interface ReceiveRequest extends RequestBase {
  readonly op: "receive";
  /** Left out, it is received on no end. */
  readonly end?: number;
  readonly max?: number;
  readonly timeoutMs?: number;
}
/** The client has these items for good, each named by its `seq`; all that the session was given, where they are left out. */
export interface ConfirmRequest extends RequestBase {
  readonly op: "confirm";
  readonly items?: readonly number[];
}
/** Closes every end and drops every item: the stream is as when it was configured. */
export interface ResetRequest extends RequestBase {
  readonly op: "reset";
}
