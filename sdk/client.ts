import { clientOf, type PrimitiveClasses } from "./client_of.ts";
import { Condition } from "./condition.ts";
import { Event } from "./event.ts";
import { Limiter, type LimiterOptions } from "./limiter.ts";
import { Lock } from "./lock.ts";
import type { ClientSettings } from "./options.ts";
import { Semaphore, type SemaphoreOptions } from "./semaphore.ts";
import { Stream, type StreamOptions } from "./stream.ts";

/**
 * A client of one server and namespace. Handles of the same name share one connection, opened at first use, and closed when
 * nothing has depended on it for 30 s.
 */
export interface Latchwork extends AsyncDisposable {
  /**
   * The lock of this name.
   *
   * @param name 1 to 512 characters, at most 1,024 bytes of UTF-8; any Unicode but control characters.
   * @throws InvalidArgumentError, LimitExceededError for a bad name. ClosedResourceError after `close`.
   */
  lock(name: string): Lock;

  /**
   * The semaphore of this name. Whoever opens it first states its `permits`; later ones may state the same or nothing.
   *
   * @throws InvalidArgumentError, LimitExceededError for a bad name or count (SE4). ClosedResourceError after `close`.
   */
  semaphore(name: string, options?: SemaphoreOptions): Semaphore;

  /**
   * The event of this name.
   *
   * @throws InvalidArgumentError, LimitExceededError for a bad name. ClosedResourceError after `close`.
   */
  event(name: string): Event;

  /**
   * The condition of this name, and its lock.
   *
   * @throws InvalidArgumentError, LimitExceededError for a bad name. ClosedResourceError after `close`.
   */
  condition(name: string): Condition;

  /**
   * The capacity limiter of this name; the handle stands for one borrower. Whoever opens it first states its
   * `totalTokens`; later ones may state the same or nothing.
   *
   * @throws InvalidArgumentError, LimitExceededError for a bad name or count (CL6). ClosedResourceError after `close`.
   */
  limiter(name: string, options?: LimiterOptions): Limiter;

  /**
   * The stream of this name. Whoever opens it first states its `maxBufferSize`; later ones may state the same or nothing.
   *
   * @typeParam Item what it carries: any JSON value.
   * @throws InvalidArgumentError, LimitExceededError for a bad name or size. ClosedResourceError after `close`.
   */
  stream<Item = unknown>(name: string, options?: StreamOptions): Stream<Item>;

  /**
   * Ends every session: all that this client holds is free at once (LE6), all that it waits for is withdrawn, and its
   * pending calls reject with a `ClosedResourceError`. Settles when the server knows, or could not be told within 5 s.
   */
  close(): Promise<void>;

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void>;
}

const PRIMITIVES: PrimitiveClasses = {
  lock: Lock,
  semaphore: Semaphore,
  event: Event,
  condition: Condition,
  limiter: Limiter,
  stream: Stream,
};

/** A client that has all of them. */
export function clientOfAll(settings: ClientSettings): Latchwork {
  return clientOf(settings, PRIMITIVES);
}
