import type { LimitName } from "./limits.ts";

/** Every fate a call can meet, by its stable code. The SDK has one error class for each. */
export const ERROR_CODES = [
  "timeout",
  "lease-lost",
  "not-owner",
  "over-release",
  "already-borrowed",
  "not-borrowed",
  "closed",
  "broken",
  "end-of-stream",
  "config-mismatch",
  "not-configured",
  "invalid-argument",
  "limit-exceeded",
  "unauthorized",
  "forbidden",
  "overloaded",
  "connection-lost",
  "protocol",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** Why a lease was lost: its session fell silent, an operator took it, or its session was ended. */
export type LeaseLossReason = "expired" | "revoked" | "session-ended";

/** An error as it travels and as the core states it: plain data, before any class is made of it. */
export interface Fault {
  readonly code: ErrorCode;
  /** For people: says what was wrong and what to do. */
  readonly message: string;
  /** With `limit-exceeded`: which limit, and its value. */
  readonly limit?: LimitName;
  readonly max?: number;
  /** With `config-mismatch`: what the caller stated and what the name was configured with. */
  readonly stated?: unknown;
  readonly actual?: unknown;
  /** With `overloaded`: how long to stay away, in milliseconds. */
  readonly retryAfterMs?: number;
  /** With `lease-lost`. */
  readonly reason?: LeaseLossReason;
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return (ERROR_CODES as readonly unknown[]).includes(value);
}
