import type { ErrorCode, Fault, LeaseLossReason } from "./fault.ts";
import type { LimitName } from "./limits.ts";

/** What every error of this package is. `code` is stable and safe to switch on; `message` is for people. */
export abstract class LatchworkError extends Error {
  abstract readonly code: ErrorCode;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The wait's own limit passed. The request has left the queue. */
export class TimeoutError extends LatchworkError {
  readonly code = "timeout";
}

/** Held no more: somebody else may hold it now. What is guarded must stop, and whoever checks tokens refuses this one. */
export class LeaseLostError extends LatchworkError {
  readonly code = "lease-lost";
  /** `expired`: the server was not heard for a TTL. `revoked`: an operator took it. `session-ended`: the client was closed. */
  readonly reason: LeaseLossReason;

  constructor(message: string, options: ErrorOptions & { reason: LeaseLossReason }) {
    super(message, options);
    this.reason = options.reason;
  }
}

/** Release, wait or notify without holding (LE3, CO1). */
export class NotOwnerError extends LatchworkError {
  readonly code = "not-owner";
}

/** More permits than `maxPermits` (SE2). Nothing was changed. */
export class OverReleaseError extends LatchworkError {
  readonly code = "over-release";
}

/** This end, or this client, was closed by its own user. */
export class ClosedResourceError extends LatchworkError {
  readonly code = "closed";
}

/** That borrower has a token of the limiter already, or waits for one (CL1). */
export class AlreadyBorrowedError extends LatchworkError {
  readonly code = "already-borrowed";
}

/** That borrower has no token of the limiter (CL2). */
export class NotBorrowedError extends LatchworkError {
  readonly code = "not-borrowed";
}

/** Every receive end of the stream has closed (ST6). */
export class BrokenResourceError extends LatchworkError {
  readonly code = "broken";
}

/** Every send end of the stream has closed, and the buffer is empty (ST5). */
export class EndOfStreamError extends LatchworkError {
  readonly code = "end-of-stream";
}

export function clientClosed(): ClosedResourceError {
  return new ClosedResourceError("The client was closed.");
}

/** The name was configured otherwise by whoever opened it first. */
export class ConfigMismatchError extends LatchworkError {
  readonly code = "config-mismatch";
  /** What this client stated. */
  readonly stated: unknown;
  /** What the name was configured with. */
  readonly actual: unknown;

  constructor(message: string, { stated, actual }: { stated?: unknown; actual?: unknown }) {
    super(message);
    this.stated = withInfinity(stated);
    this.actual = withInfinity(actual);
  }
}

/** A configuration as users write it: on the wire `null` stands for infinity, which JSON lacks. */
function withInfinity(config: unknown): unknown {
  if (typeof config !== "object" || config === null) return config;
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, value === null ? Infinity : value]),
  );
}

/** Nobody has configured the name yet, and this client states nothing. */
export class NotConfiguredError extends LatchworkError {
  readonly code = "not-configured";
}

/** A bad name, count, option or item. Nothing was done. */
export class InvalidArgumentError extends LatchworkError {
  readonly code = "invalid-argument";
}

/** A stated limit was passed. Nothing was done. */
export class LimitExceededError extends LatchworkError {
  readonly code = "limit-exceeded";
  /** Which of `LIMITS`; `undefined` where the server names one that this version does not know. */
  readonly limit: LimitName | undefined;
  readonly max: number | undefined;

  constructor(
    message: string,
    { limit, max }: { limit?: LimitName | undefined; max?: number | undefined },
  ) {
    super(message);
    this.limit = limit;
    this.max = max;
  }
}

/** No valid token. */
export class UnauthorizedError extends LatchworkError {
  readonly code = "unauthorized";
}

/** A token, or a page, without this right. */
export class ForbiddenError extends LatchworkError {
  readonly code = "forbidden";
}

/** The server shed the request. Nothing was done; stay away for `retryAfterMs` milliseconds. */
export class OverloadedError extends LatchworkError {
  readonly code = "overloaded";
  readonly retryAfterMs: number;

  constructor(message: string, { retryAfterMs }: { retryAfterMs: number }) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The server could not be reached for as long as the call allowed. Whether the call took effect is not known. */
export class ConnectionLostError extends LatchworkError {
  readonly code = "connection-lost";
}

/** The peer broke the wire's rules, or versions do not meet. */
export class ProtocolError extends LatchworkError {
  readonly code = "protocol";
}

/** What an error's class may take of a fault. */
type Details = ErrorOptions &
  Omit<Fault, "code" | "message"> & { reason: LeaseLossReason; retryAfterMs: number };

/** Where the server does not say it, this is meant. */
const DETAILS = { reason: "session-ended", retryAfterMs: 1_000 } as const;

/** Classes by the codes that they stand for. */
export type ErrorClasses = Readonly<
  Partial<Record<ErrorCode, new (message: string, details: Details) => LatchworkError>>
>;

/** Those that calls of any primitive can meet. */
export const COMMON: ErrorClasses = {
  timeout: TimeoutError,
  "lease-lost": LeaseLostError,
  "not-owner": NotOwnerError,
  closed: ClosedResourceError,
  "invalid-argument": InvalidArgumentError,
  "limit-exceeded": LimitExceededError,
  unauthorized: UnauthorizedError,
  forbidden: ForbiddenError,
  overloaded: OverloadedError,
  "connection-lost": ConnectionLostError,
  protocol: ProtocolError,
};

// Besides those. Without a spread, of which bundlers do not know that it can be left out.

export const OF_SEMAPHORES: ErrorClasses = {
  "config-mismatch": ConfigMismatchError,
  "not-configured": NotConfiguredError,
  "over-release": OverReleaseError,
};
export const OF_LIMITERS: ErrorClasses = {
  "config-mismatch": ConfigMismatchError,
  "not-configured": NotConfiguredError,
  "already-borrowed": AlreadyBorrowedError,
  "not-borrowed": NotBorrowedError,
};
export const OF_STREAMS: ErrorClasses = {
  "config-mismatch": ConfigMismatchError,
  "not-configured": NotConfiguredError,
  broken: BrokenResourceError,
  "end-of-stream": EndOfStreamError,
};

/** All that this version knows. */
export function everyError(): ErrorClasses {
  return { ...COMMON, ...OF_SEMAPHORES, ...OF_LIMITERS, ...OF_STREAMS };
}

/** The error that a fault stands for. A code that is not among these is a `ProtocolError`. */
export function errorAmong(classes: ErrorClasses, fault: Fault): LatchworkError {
  const { code, message } = fault;
  const Class = Object.hasOwn(classes, code) ? classes[code] : undefined;
  return Class === undefined
    ? new ProtocolError(`${message} (${code})`)
    : new Class(message, { ...DETAILS, ...fault });
}

/** The same of every code that this version knows. */
export function errorFrom(fault: Fault): LatchworkError {
  return errorAmong(everyError(), fault);
}

/** Throws what is wrong with an argument, if anything is. */
export function check(fault: Fault | null): void {
  if (fault !== null) throw errorAmong(COMMON, fault);
}
