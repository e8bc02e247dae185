import { RpcTarget } from "cloudflare:workers";
import type { HeldCondition, Lease } from "../../sdk/index.ts";

/** Of a wait; a signal does not travel between Workers. */
export interface Waiting {
  /** How long to wait, in milliseconds; 0 is "now or not at all"; without it, for ever. */
  readonly timeoutMs?: number;
}

/** A lease as another Worker has it: disposing of its stub releases it, and so does the end of the invocation. */
export class LeaseTarget extends RpcTarget {
  readonly #lease: Lease;

  constructor(lease: Lease) {
    super();
    this.#lease = lease;
  }

  /** The fencing token (LE2). */
  get token(): number {
    return this.#lease.token;
  }

  /** Gives it back. Calling it again is harmless. */
  async release(): Promise<void> {
    await this.#lease.release();
  }

  /** Settles when the lease is lost, with why; never, if it is released before. */
  lost(): Promise<string> {
    const { signal } = this.#lease;
    return new Promise((resolve) => {
      const tell = (): void => resolve((signal.reason as Error).message);
      if (signal.aborted) tell();
      else signal.addEventListener("abort", tell);
    });
  }

  [Symbol.dispose](): void {
    this.#lease[Symbol.asyncDispose]().catch(() => {});
  }
}

/** A condition's lock, held. */
export class HeldConditionTarget extends LeaseTarget {
  readonly #held: HeldCondition;

  constructor(held: HeldCondition) {
    super(held);
    this.#held = held;
  }

  /** Gives the lock up and waits to be notified; has the lock again when it settles, however it does (CO5). */
  async wait(options: Waiting = {}): Promise<void> {
    await this.#held.wait(options);
  }

  /** Waits until what is called with the lock held returns something true, and returns that (CO7). */
  async waitFor<Value>(
    predicate: () => Value | Promise<Value>,
    options: Waiting = {},
  ): Promise<Value> {
    return this.#held.waitFor(predicate, options);
  }

  /** Wakes the first `count` of those who wait (CO3). */
  async notify(count = 1): Promise<void> {
    await this.#held.notify(count);
  }

  async notifyAll(): Promise<void> {
    await this.#held.notifyAll();
  }
}

/** What a work that is run with a lease is given: its token, and word of its loss. */
export type Work<Value> = (lease: LeaseTarget) => Value | Promise<Value>;
