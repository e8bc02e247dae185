import { Connection } from "./connection.ts";
import { ClosedResourceError, check } from "./errors.ts";
import { Condition } from "./condition.ts";
import { Event } from "./event.ts";
import { Limiter, type LimiterOptions } from "./limiter.ts";
import { Lock } from "./lock.ts";
import { nameFault, objectPath, type Kind } from "./names.ts";
import type { ClientSettings } from "./options.ts";
import { Semaphore, type SemaphoreOptions } from "./semaphore.ts";
import { Stream, type StreamOptions } from "./stream.ts";

/** A client of one server and namespace. Handles of the same name share one connection, opened at first use. */
export class Latchwork implements AsyncDisposable {
  readonly #settings: ClientSettings;
  readonly #connections = new Map<string, Connection>();
  #closed: Promise<void> | null = null;

  /** Made by `connect`. */
  constructor(settings: ClientSettings) {
    this.#settings = settings;
  }

  /**
   * The lock of this name.
   *
   * @param name 1 to 512 characters, at most 1,024 bytes of UTF-8; any Unicode but control characters.
   * @throws InvalidArgumentError, LimitExceededError for a bad name. ClosedResourceError after `close`.
   */
  lock(name: string): Lock {
    return new Lock(this.#connection("lock", name));
  }

  /**
   * The semaphore of this name. Whoever opens it first states its `permits`; later ones may state the same or nothing.
   *
   * @throws InvalidArgumentError, LimitExceededError for a bad name or count (SE4). ClosedResourceError after `close`.
   */
  semaphore(name: string, options: SemaphoreOptions = {}): Semaphore {
    return new Semaphore(this.#connection("semaphore", name), options);
  }

  /**
   * The event of this name.
   *
   * @throws InvalidArgumentError, LimitExceededError for a bad name. ClosedResourceError after `close`.
   */
  event(name: string): Event {
    return new Event(this.#connection("event", name));
  }

  /**
   * The condition of this name, and its lock.
   *
   * @throws InvalidArgumentError, LimitExceededError for a bad name. ClosedResourceError after `close`.
   */
  condition(name: string): Condition {
    return new Condition(this.#connection("condition", name));
  }

  /**
   * The capacity limiter of this name; the handle stands for one borrower. Whoever opens it first states its
   * `totalTokens`; later ones may state the same or nothing.
   *
   * @throws InvalidArgumentError, LimitExceededError for a bad name or count (CL6). ClosedResourceError after `close`.
   */
  limiter(name: string, options: LimiterOptions = {}): Limiter {
    return new Limiter(this.#connection("limiter", name), options);
  }

  /**
   * The stream of this name. Whoever opens it first states its `maxBufferSize`; later ones may state the same or nothing.
   *
   * @typeParam Item what it carries: any JSON value.
   * @throws InvalidArgumentError, LimitExceededError for a bad name or size. ClosedResourceError after `close`.
   */
  stream<Item = unknown>(name: string, options: StreamOptions = {}): Stream<Item> {
    return new Stream<Item>(this.#connection("stream", name), options);
  }

  /**
   * Ends every session: all that this client holds is free at once (LE6), all that it waits for is withdrawn, and its
   * pending calls reject with a `ClosedResourceError`. Settles when the server knows, or could not be told within 5 s.
   */
  close(): Promise<void> {
    const connections = [...this.#connections.values()];
    this.#closed ??= Promise.all(connections.map((connection) => connection.close())).then(
      () => {},
    );
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #connection(kind: Kind, name: string): Connection {
    check(nameFault(name));
    if (this.#closed !== null) throw new ClosedResourceError("The client was closed.");
    const { base, namespace, ...settings } = this.#settings;
    const url = base + objectPath(namespace, kind, name);
    const connection = this.#connections.get(url) ?? new Connection({ ...settings, url });
    this.#connections.set(url, connection);
    return connection;
  }
}
