import { acquire, orNull } from "./acquiring.ts";
import { PERMITS_MAX } from "./bounds.ts";
import { countOrNull } from "./checks.ts";
import type { Connection } from "./connection.ts";
import { check, OF_LIMITERS } from "./errors.ts";
import { runHolding, type Lease } from "./lease.ts";
import { nameFault } from "./names.ts";
import { checked } from "./options.ts";
import type { LimiterConfig } from "./requests.ts";
import type { LimiterStatistics as WireStatistics } from "./results.ts";
import type { WaitOptions } from "./waiting.ts";

/** What the first client to open a limiter's name fixes for good. Left out, the name is taken as it is. */
export interface LimiterOptions {
  /** How many may borrow at once: a whole number from 0, or Infinity (CL6). `setTotalTokens` changes it later. */
  readonly totalTokens?: number | undefined;
}

export interface BorrowOptions extends WaitOptions {
  /** Who borrows: anything that has a name. Default: this handle. */
  readonly onBehalfOf?: string | undefined;
}

export interface LimiterStatistics {
  readonly totalTokens: number;
  readonly borrowedTokens: number;
  /** Negative where the total was lowered below what is borrowed (CL5). */
  readonly availableTokens: number;
  readonly borrowers: string[];
  readonly tasksWaiting: number;
}

/**
 * How many may do something at once, each by name: a borrower has one token at most (CL1), and the total can be
 * changed while it is in use (CL4, CL5).
 */
export class Limiter {
  /** Of `connectWith`: what the server may answer. */
  static readonly errors = OF_LIMITERS;
  readonly #connection: Connection;
  readonly #stated: { config?: LimiterConfig } = {};
  readonly #borrower: string;

  /** Made by `connect(…).limiter(name, options)`. To call it is the SDK's: it takes what only a client has. */
  constructor(connection: Connection, options: LimiterOptions = {}) {
    const { totalTokens } = checked(options);
    this.#connection = connection;
    this.#borrower = `${connection.client}/${connection.environment.newId()}`;
    if (totalTokens === undefined) return;
    this.#stated = { config: { totalTokens: toWire(totalTokens) } };
  }

  /**
   * Waits until the borrower has a token.
   *
   * @param options.onBehalfOf who borrows, 1 to 512 characters; default: this handle, which is one borrower.
   * @param options.timeoutMs how long to wait, in milliseconds; 0 is "now or not at all"; without it, for ever.
   * @param options.signal gives the wait up when aborted.
   * @throws AlreadyBorrowedError at once, when that borrower has a token or waits for one (CL1).
   * @throws TimeoutError when `timeoutMs` passed. `signal.reason` when aborted.
   * @throws InvalidArgumentError, LimitExceededError for a bad name or `timeoutMs`.
   * @throws ConfigMismatchError, NotConfiguredError when the name is configured otherwise, or not at all.
   * @throws LimitExceededError when too many wait already.
   * @throws ConnectionLostError when the server could not be reached within `timeoutMs`, or for as long as the session lives.
   */
  async acquire(options: BorrowOptions = {}): Promise<Lease> {
    const { onBehalfOf: borrower = this.#borrower, ...wait } = checked(options);
    check(nameFault(borrower));
    return acquire(this.#connection, { permits: 1, borrower, ...this.#stated }, wait);
  }

  /**
   * A token, or `null` if none is free or somebody waits (W2).
   *
   * @throws AlreadyBorrowedError when that borrower has a token or waits for one (CL1).
   */
  tryAcquire({ onBehalfOf }: Pick<BorrowOptions, "onBehalfOf"> = {}): Promise<Lease | null> {
    return orNull(this.acquire({ onBehalfOf, timeoutMs: 0 }));
  }

  /**
   * Acquires, runs `work`, releases, and passes on what `work` returned or threw.
   *
   * @throws LeaseLostError as soon as the token is lost meanwhile. Otherwise as `acquire`.
   */
  async run<Value>(
    work: (lease: Lease) => Value | PromiseLike<Value>,
    options: BorrowOptions = {},
  ): Promise<Value> {
    return runHolding(() => this.acquire(options), work);
  }

  /**
   * Gives back what a borrower has, whoever borrowed it (CL3). A lease of another client is lost by that, as
   * `revoked`.
   *
   * @throws NotBorrowedError when that borrower has no token (CL2).
   * @throws ConfigMismatchError, NotConfiguredError, ConnectionLostError as `acquire`.
   */
  async releaseOnBehalfOf(borrower: string): Promise<void> {
    check(nameFault(borrower));
    await this.#connection.ask({ op: "return", borrower, ...this.#stated });
  }

  /**
   * Changes how many may borrow at once. Raising it admits those who wait, in order (CL4); lowering it takes
   * nothing away (CL5).
   *
   * @param totalTokens a whole number from 0, or Infinity (CL6).
   * @throws InvalidArgumentError for any other number. ConfigMismatchError, NotConfiguredError, ConnectionLostError
   * as `acquire`.
   */
  async setTotalTokens(totalTokens: number): Promise<void> {
    const total = toWire(totalTokens);
    await this.#connection.ask({ op: "set-total", totalTokens: total, ...this.#stated });
  }

  /** Totals, who borrows and how many wait, as of the last commit. */
  async statistics(): Promise<LimiterStatistics> {
    const asked = this.#connection.ask({ op: "statistics", ...this.#stated });
    const statistics = (await asked) as WireStatistics;
    const { totalTokens, availableTokens, borrowers } = statistics;
    return {
      ...statistics,
      borrowers: [...borrowers],
      totalTokens: totalTokens ?? Infinity,
      availableTokens: availableTokens ?? Infinity,
    };
  }
}

function toWire(totalTokens: number): number | null {
  return countOrNull("totalTokens", totalTokens, PERMITS_MAX);
}
