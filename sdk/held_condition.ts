import { WAITERS_MAX } from "./bounds.ts";
import type { Call } from "./calls.ts";
import { countFault } from "./checks.ts";
import type { Connection } from "./connection.ts";
import {
  check,
  ClosedResourceError,
  ConnectionLostError,
  LimitExceededError,
  NotOwnerError,
  TimeoutError,
} from "./errors.ts";
import type { LeaseLossReason } from "./fault.ts";
import { tokenOf } from "./holding.ts";
import { HeldLease, type Lease } from "./lease.ts";
import { checked, checkFunction, readTimeoutMs } from "./options.ts";
import type { Result } from "./results.ts";
import { orGiveUp, type WaitOptions } from "./waiting.ts";

/** A condition's lock, held: a lease on which one can wait and notify. */
export type HeldCondition = Lease &
  Pick<ConditionLease, "wait" | "waitFor" | "notify" | "notifyAll">;

/** A condition's lock, held; and given up while one waits. */
export class ConditionLease extends HeldLease {
  readonly #connection: Connection;
  #isWaiting = false;
  /** Set while it waits: gives the wait up. */
  #giveUp = (_reason: unknown): void => {};
  /** The block that held it was left: what comes back is nobody's any more. */
  #isLeft = false;

  /** Made by `Condition.acquire`. */
  constructor(connection: Connection, token: number) {
    super(connection, token);
    this.#connection = connection;
  }

  /**
   * Gives the lock up and waits to be notified, in one step (CO2). When it settles, however it does, the lock is held
   * again (CO5), and `token` is a new, greater one (CO6); so it may settle later than `timeoutMs` says.
   *
   * @param options.timeoutMs how long to wait for a notification, in milliseconds; without it, for ever.
   * @param options.signal gives the wait up when aborted; a notification that was on its way goes to the next (CO4).
   * @throws TimeoutError when `timeoutMs` passed. `signal.reason` when aborted.
   * @throws NotOwnerError when the lock is not held (CO1).
   * @throws LeaseLostError when the session ended: then the lock is held no more (CO5).
   * @throws InvalidArgumentError when `timeoutMs` is negative or no number. LimitExceededError when too many wait.
   */
  async wait(options: WaitOptions = {}): Promise<void> {
    const { timeoutMs, signal } = checked(options);
    const limitMs = readTimeoutMs(timeoutMs);
    signal?.throwIfAborted();
    this.#checkHeld();
    this.#isWaiting = true;
    this.#connection.holdings.delete(this.token);
    await this.#parked({ timeoutMs: limitMs, signal });
  }

  /**
   * Waits until the predicate holds. It is called with the lock held: at once, and after every wake (CO7).
   *
   * @param predicate returns what is awaited, or something falsy while it is not there yet.
   * @param options as of `wait`, for all of it together.
   * @returns what the predicate returned. What it throws is passed on, with the lock held.
   * @throws as `wait`.
   */
  async waitFor<Value>(
    predicate: () => Value | PromiseLike<Value>,
    options: WaitOptions = {},
  ): Promise<Value> {
    checkFunction("The predicate", predicate);
    const { timeoutMs, signal } = checked(options);
    const limitMs = readTimeoutMs(timeoutMs) ?? Infinity;
    signal?.throwIfAborted();
    const { environment } = this.#connection;
    const deadlineMs = environment.nowMs() + limitMs;
    for (;;) {
      this.#checkHeld();
      const value = await predicate();
      if (value) return value;
      const leftMs = deadlineMs - environment.nowMs();
      if (leftMs <= 0) throw new TimeoutError(`It did not come true within ${limitMs} ms.`);
      await this.wait({ timeoutMs: leftMs, signal });
    }
  }

  /**
   * Wakes the first of those who wait, in their order; they run when they have the lock (CO3).
   *
   * @param count how many, a whole number from 0; default 1.
   * @throws NotOwnerError when the lock is not held (CO1). InvalidArgumentError for what is no number of waiters.
   * @throws ConnectionLostError when the server could not be reached for as long as the session lives.
   */
  async notify(count = 1): Promise<void> {
    check(countFault("The number of waiters", count, { to: WAITERS_MAX }));
    this.#checkHeld();
    await this.#connection.ask({ op: "notify", token: this.token, count });
  }

  /** Wakes all who wait. @throws as `notify`. */
  async notifyAll(): Promise<void> {
    this.#checkHeld();
    await this.#connection.ask({ op: "notify", token: this.token });
  }

  override release(): Promise<void> {
    return this.#isWaiting ? Promise.reject(new NotOwnerError(WAITING)) : super.release();
  }

  /** As `release`. A wait that has not settled is given up, and the lock is given back as soon as it has come. */
  override [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isWaiting) return super[Symbol.asyncDispose]();
    this.#isLeft = true;
    this.#giveUp(new NotOwnerError("The lock's block was left before wait() had settled."));
    return Promise.resolve();
  }

  #checkHeld(): void {
    if (this.#isWaiting) throw new NotOwnerError(WAITING);
    if (!this.isHeld) throw new NotOwnerError("The condition's lock was released, or lost.");
  }

  #parked({ timeoutMs, signal }: WaitOptions): Promise<void> {
    const connection = this.#connection;
    return new Promise((resolve, reject) => {
      let givenUp: { readonly reason: unknown } | null = null;
      // At once: a block that is left before whoever awaits this has heard of it has the lock to give back.
      const settled = (): void => {
        stop();
        this.#isWaiting = false;
      };
      const fail = (error: Error): void => {
        settled();
        reject(this.#notParked(error, call));
      };
      const call = connection.start(
        { op: "wait", token: this.token },
        {
          deadlineMs: timeoutMs === undefined ? null : connection.environment.nowMs() + timeoutMs,
          fail,
          succeed: (result) => {
            try {
              this.token = tokenOf(result);
            } catch (error) {
              return fail(error as Error);
            }
            settled();
            this.#holdAgain();
            if (givenUp !== null) reject(givenUp.reason);
            else if (isTimeOut(result)) reject(late());
            else resolve();
          },
          // Even cancelled it is granted the lock, and tells whoever repeats it.
          orphaned: (result) => {
            if ("token" in result) connection.tell({ op: "release", token: result.token });
          },
        },
      );
      const late = (): TimeoutError => new TimeoutError(`No notification within ${timeoutMs} ms.`);
      // The lock comes back first: until then there is nothing to do but to wait for it.
      const giveUp = (reason: unknown): void => {
        if (givenUp === null) connection.tell({ op: "cancel", target: call.id });
        givenUp ??= { reason };
      };
      this.#giveUp = giveUp;
      const stop = orGiveUp(connection.environment, { timeoutMs, signal, late, giveUp });
    });
  }

  #holdAgain(): void {
    this.#connection.holdings.add(this);
    if (this.#isLeft) super.release().catch(() => {});
  }

  /** With its session (CO5). */
  #lost(reason: LeaseLossReason): unknown {
    this.lose(reason);
    return this.signal.reason;
  }

  /** What the wait rejects with, and what has become of the lock. */
  #notParked(error: Error, { firstSentOn }: Call): unknown {
    if (error instanceof ConnectionLostError) return this.#lost("expired");
    if (error instanceof ClosedResourceError) return this.#lost("session-ended");
    if (error instanceof NotOwnerError) this.lose("revoked");
    else if (isLineFull(error) || firstSentOn === null)
      // It never gave the lock up.
      this.#holdAgain();
    else this.lose("session-ended");
    return error;
  }
}

const WAITING = "The condition's lock is given up for as long as wait() has not settled.";

function isTimeOut(result: Result): boolean {
  return "woken" in result && result.woken === "timed-out";
}

/** Other limits are those of a connection that was turned away, whatever became of what it had carried. */
function isLineFull(error: Error): boolean {
  return error instanceof LimitExceededError && error.limit === "waitersMax";
}
