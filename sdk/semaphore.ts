import { acquire, orNull } from "./acquiring.ts";
import { PERMITS_MAX } from "./bounds.ts";
import { countFault } from "./checks.ts";
import type { Connection } from "./connection.ts";
import { check, InvalidArgumentError, OF_SEMAPHORES } from "./errors.ts";
import { checked } from "./options.ts";
import type { SemaphoreConfig } from "./requests.ts";
import type { SemaphoreStatistics } from "./results.ts";
import { runHolding, type Lease } from "./lease.ts";
import type { WaitOptions } from "./waiting.ts";

/** What the first client to open a semaphore's name fixes for good. Left out, the name is taken as it is. */
export interface SemaphoreOptions {
  /** Permits that are free at the start: a whole number from 0 (SE4). */
  readonly permits?: number | undefined;
  /** The most permits there can ever be, held and free together; without it, deposits have no bound of their own. */
  readonly maxPermits?: number | undefined;
}

export interface AcquirePermitsOptions extends WaitOptions {
  /** How many, all or nothing: a whole number from 1, default 1. */
  readonly permits?: number | undefined;
}

/**
 * A number of permits, handed out in the order of asking; a large request is not starved by small ones (W6). The
 * permits of a client that dies come back (SE1).
 */
export class Semaphore {
  /** Of `connectWith`: what the server may answer. */
  static readonly errors = OF_SEMAPHORES;
  readonly #connection: Connection;
  readonly #stated: { config?: SemaphoreConfig } = {};

  /** Made by `connect(…).semaphore(name, options)`. To call it is the SDK's: it takes what only a client has. */
  constructor(connection: Connection, options: SemaphoreOptions = {}) {
    const { permits, maxPermits } = checked(options);
    this.#connection = connection;
    if (permits === undefined && maxPermits !== undefined) {
      throw new InvalidArgumentError("maxPermits goes with permits: state both, or neither.");
    }
    if (permits === undefined) return;
    checkPermits("permits", permits, 0);
    if (maxPermits !== undefined) checkPermits("maxPermits", maxPermits, permits);
    this.#stated = { config: maxPermits === undefined ? { permits } : { permits, maxPermits } };
  }

  /**
   * Waits until the permits are yours.
   *
   * @param options.permits how many, all or nothing; default 1.
   * @param options.timeoutMs how long to wait, in milliseconds; 0 is "now or not at all"; without it, for ever.
   * @param options.signal gives the wait up when aborted.
   * @throws TimeoutError when `timeoutMs` passed. `signal.reason` when aborted.
   * @throws InvalidArgumentError when `permits` is not a whole number from 1, or more than there can ever be (SE5).
   * @throws ConfigMismatchError, NotConfiguredError when the name is configured otherwise, or not at all.
   * @throws LimitExceededError when too many wait already.
   * @throws ConnectionLostError when the server could not be reached within `timeoutMs`, or for as long as the session lives.
   */
  async acquire(options: AcquirePermitsOptions = {}): Promise<Lease> {
    const { permits = 1, ...wait } = checked(options);
    checkPermits("permits", permits, 1);
    return acquire(this.#connection, { permits, ...this.#stated }, wait);
  }

  /** The permits, or `null` if they are not free or somebody waits (W2). */
  tryAcquire({ permits = 1 }: { permits?: number | undefined } = {}): Promise<Lease | null> {
    return orNull(this.acquire({ permits, timeoutMs: 0 }));
  }

  /**
   * Acquires, runs `work`, releases, and passes on what `work` returned or threw.
   *
   * @throws LeaseLostError as soon as the permits are lost meanwhile. Otherwise as `acquire`.
   */
  async run<Value>(
    work: (lease: Lease) => Value | PromiseLike<Value>,
    options: AcquirePermitsOptions = {},
  ): Promise<Value> {
    return runHolding(() => this.acquire(options), work);
  }

  /**
   * Deposits permits that nobody held, as a signal: the first waiters get them, what is left adds to the value (SE3).
   * To give back what you hold, release its lease.
   *
   * @param permits a whole number from 1.
   * @throws OverReleaseError when there would be more than `maxPermits`, held and free together (SE2).
   * @throws InvalidArgumentError, ConfigMismatchError, NotConfiguredError, ConnectionLostError as `acquire`.
   */
  async release(permits = 1): Promise<void> {
    checkPermits("permits", permits, 1);
    await this.#connection.ask({ op: "deposit", permits, ...this.#stated });
  }

  /** How many permits are free, as of the last commit. */
  async value(): Promise<number> {
    return (await this.statistics()).value;
  }

  /** Free permits, the configured maximum (`null` without one) and how many wait, as of the last commit. */
  async statistics(): Promise<SemaphoreStatistics> {
    const statistics = await this.#connection.ask({ op: "statistics", ...this.#stated });
    return statistics as SemaphoreStatistics;
  }
}

function checkPermits(name: string, value: number, from: number): void {
  check(countFault(name, value, { from, to: PERMITS_MAX }));
}
