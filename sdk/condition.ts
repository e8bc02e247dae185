import { orNull } from "./acquiring.ts";
import type { Connection } from "./connection.ts";
import { ConditionLease, type HeldCondition } from "./held_condition.ts";
import { runHolding } from "./lease.ts";
import type { ConditionStatistics } from "./results.ts";
import type { WaitOptions } from "./waiting.ts";

/**
 * A lock, and a place to wait while others have it: for something that only a holder can change (CO1–CO7).
 */
export class Condition {
  readonly #connection: Connection;

  /** Made by `connect(…).condition(name)`. To call it is the SDK's: it takes what only a client has. */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Waits until the condition's lock is yours; on what it returns you `wait` and `notify`.
   *
   * @param options.timeoutMs how long to wait, in milliseconds; 0 is "now or not at all"; without it, for ever.
   * @param options.signal gives the wait up when aborted (LK3).
   * @throws TimeoutError when `timeoutMs` passed. `signal.reason` when aborted.
   * @throws InvalidArgumentError when `timeoutMs` is negative or no number.
   * @throws LimitExceededError when too many wait already.
   * @throws ConnectionLostError when the server could not be reached within `timeoutMs`, or for as long as the session lives.
   */
  acquire(options: WaitOptions = {}): Promise<HeldCondition> {
    return this.#connection.hold({ op: "acquire", permits: 1 }, ConditionLease, options);
  }

  /** The lock, or `null` if somebody holds it or waits for it (W2). */
  tryAcquire(): Promise<HeldCondition | null> {
    return orNull(this.acquire({ timeoutMs: 0 }));
  }

  /**
   * Acquires, runs `work`, releases, and passes on what `work` returned or threw.
   *
   * @throws LeaseLostError as soon as the lock is lost meanwhile. Otherwise as `acquire`.
   */
  async run<Value>(
    work: (held: HeldCondition) => Value | PromiseLike<Value>,
    options: WaitOptions = {},
  ): Promise<Value> {
    return runHolding(() => this.acquire(options), work);
  }

  /** How many wait to be notified, and the lock's own statistics, as of the last commit. */
  async statistics(): Promise<ConditionStatistics> {
    return (await this.#connection.ask({ op: "statistics" })) as ConditionStatistics;
  }
}
