import { acquire, orNull } from "./acquiring.ts";
import type { Connection } from "./connection.ts";
import type { LockStatistics } from "./results.ts";
import { runHolding, type Lease } from "./lease.ts";
import type { WaitOptions } from "./waiting.ts";

/**
 * Sole access: of all programs that open the same name one holds it at a time (LK1), in the order in which they
 * asked (W1). Every `acquire` is an owner of its own, so one handle serialises the tasks of one program too.
 */
export class Lock {
  readonly #connection: Connection;

  /** Made by `connect(…).lock(name)`. To call it is the SDK's: it takes what only a client has. */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Waits until the lock is yours.
   *
   * @param options.timeoutMs how long to wait, in milliseconds; 0 is "now or not at all"; without it, for ever.
   * @param options.signal gives the wait up when aborted (LK3).
   * @throws TimeoutError when `timeoutMs` passed. `signal.reason` when aborted.
   * @throws InvalidArgumentError when `timeoutMs` is negative or no number.
   * @throws LimitExceededError when too many wait already.
   * @throws ConnectionLostError when the server could not be reached within `timeoutMs`, or for as long as the session lives.
   */
  acquire(options: WaitOptions = {}): Promise<Lease> {
    return acquire(this.#connection, { permits: 1 }, options);
  }

  /** The lock, or `null` if somebody holds it or waits for it (W2). */
  tryAcquire(): Promise<Lease | null> {
    return orNull(this.acquire({ timeoutMs: 0 }));
  }

  /**
   * Acquires, runs `work`, releases, and passes on what `work` returned or threw.
   *
   * @throws LeaseLostError as soon as the lock is lost meanwhile; heed `lease.signal` to stop `work` as well.
   * Otherwise as `acquire`.
   */
  async run<Value>(
    work: (lease: Lease) => Value | PromiseLike<Value>,
    options: WaitOptions = {},
  ): Promise<Value> {
    return runHolding(() => this.acquire(options), work);
  }

  /** True if somebody holds it, as of the server's last commit (LK4). */
  async isLocked(): Promise<boolean> {
    return (await this.statistics()).locked;
  }

  /** Who holds it, since when (milliseconds since the epoch), and how many wait, as of the last commit (LK4). */
  async statistics(): Promise<LockStatistics> {
    return (await this.#connection.ask({ op: "statistics" })) as LockStatistics;
  }
}
