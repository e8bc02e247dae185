import { clientOfAll, type Latchwork } from "./client.ts";
import { checked, readOptions, type ConnectOptions } from "./options.ts";

/**
 * A client of a Latchwork server. Opens nothing yet: each name's connection opens at its first use.
 *
 * @param url the server's address, such as `http://127.0.0.1:8787`.
 * @throws InvalidArgumentError for an address or an option that is none.
 */
export function connect(url: string | URL, options: ConnectOptions = {}): Latchwork {
  return clientOfAll(readOptions(url, checked(options)));
}

export type { Latchwork } from "./client.ts";
export { Condition } from "./condition.ts";
export type { LatchworkWith, PrimitiveClasses } from "./client_of.ts";
export { connectWith } from "./connect_with.ts";
export type { SocketConstructor } from "./environment.ts";
export {
  AlreadyBorrowedError,
  BrokenResourceError,
  ClosedResourceError,
  ConfigMismatchError,
  ConnectionLostError,
  EndOfStreamError,
  ForbiddenError,
  InvalidArgumentError,
  LatchworkError,
  LeaseLostError,
  LimitExceededError,
  NotBorrowedError,
  NotConfiguredError,
  NotOwnerError,
  OverReleaseError,
  OverloadedError,
  ProtocolError,
  TimeoutError,
  UnauthorizedError,
} from "./errors.ts";
export { Event } from "./event.ts";
export type { ErrorCode, LeaseLossReason } from "./fault.ts";
export type { HeldCondition } from "./held_condition.ts";
export type { Lease } from "./lease.ts";
export {
  Limiter,
  type BorrowOptions,
  type LimiterOptions,
  type LimiterStatistics,
} from "./limiter.ts";
export { LIMITS, type LimitName } from "./limits.ts";
export { Lock } from "./lock.ts";
export type { ConnectOptions } from "./options.ts";
export type { ReceiveStream, ReceiveStreamOptions } from "./receive_stream.ts";
export type {
  ConditionStatistics,
  EventStatistics,
  LockStatistics,
  OwnerStatistics,
  SemaphoreStatistics,
} from "./results.ts";
export { Semaphore, type AcquirePermitsOptions, type SemaphoreOptions } from "./semaphore.ts";
export type { SendStream } from "./send_stream.ts";
export { Stream, type StreamOptions } from "./stream.ts";
export type { StreamStatistics } from "./stream_end.ts";
export type { WaitOptions } from "./waiting.ts";
