import { RpcTarget } from "cloudflare:workers";
import type {
  Condition,
  ConditionStatistics,
  Event,
  EventStatistics,
  Limiter,
  LimiterStatistics,
  Lock,
  LockStatistics,
  Semaphore,
  SemaphoreStatistics,
} from "../../sdk/index.ts";
import { HeldConditionTarget, LeaseTarget, type Waiting, type Work } from "./leases.ts";

/** The SDK's handles, as another Worker has them. */

export class LockTarget extends RpcTarget {
  readonly #lock: Lock;

  constructor(lock: Lock) {
    super();
    this.#lock = lock;
  }

  async acquire(options: Waiting = {}): Promise<LeaseTarget> {
    return new LeaseTarget(await this.#lock.acquire(options));
  }

  async tryAcquire(): Promise<LeaseTarget | null> {
    const lease = await this.#lock.tryAcquire();
    return lease && new LeaseTarget(lease);
  }

  async run<Value>(work: Work<Value>, options: Waiting = {}): Promise<Value> {
    return this.#lock.run((lease) => work(new LeaseTarget(lease)), options);
  }

  async isLocked(): Promise<boolean> {
    return this.#lock.isLocked();
  }

  async statistics(): Promise<LockStatistics> {
    return this.#lock.statistics();
  }
}

export class SemaphoreTarget extends RpcTarget {
  readonly #semaphore: Semaphore;

  constructor(semaphore: Semaphore) {
    super();
    this.#semaphore = semaphore;
  }

  async acquire(options: Waiting & { readonly permits?: number } = {}): Promise<LeaseTarget> {
    return new LeaseTarget(await this.#semaphore.acquire(options));
  }

  async tryAcquire(options: { readonly permits?: number } = {}): Promise<LeaseTarget | null> {
    const lease = await this.#semaphore.tryAcquire(options);
    return lease && new LeaseTarget(lease);
  }

  async run<Value>(
    work: Work<Value>,
    options: Waiting & { readonly permits?: number } = {},
  ): Promise<Value> {
    return this.#semaphore.run((lease) => work(new LeaseTarget(lease)), options);
  }

  async release(permits = 1): Promise<void> {
    await this.#semaphore.release(permits);
  }

  async value(): Promise<number> {
    return this.#semaphore.value();
  }

  async statistics(): Promise<SemaphoreStatistics> {
    return this.#semaphore.statistics();
  }
}

export class EventTarget extends RpcTarget {
  readonly #event: Event;

  constructor(event: Event) {
    super();
    this.#event = event;
  }

  async set(): Promise<void> {
    await this.#event.set();
  }

  async clear(): Promise<void> {
    await this.#event.clear();
  }

  async isSet(): Promise<boolean> {
    return this.#event.isSet();
  }

  async wait(options: Waiting = {}): Promise<void> {
    await this.#event.wait(options);
  }

  async statistics(): Promise<EventStatistics> {
    return this.#event.statistics();
  }
}

export class ConditionTarget extends RpcTarget {
  readonly #condition: Condition;

  constructor(condition: Condition) {
    super();
    this.#condition = condition;
  }

  async acquire(options: Waiting = {}): Promise<HeldConditionTarget> {
    return new HeldConditionTarget(await this.#condition.acquire(options));
  }

  async tryAcquire(): Promise<HeldConditionTarget | null> {
    const held = await this.#condition.tryAcquire();
    return held && new HeldConditionTarget(held);
  }

  async run<Value>(
    work: (held: HeldConditionTarget) => Value | Promise<Value>,
    options: Waiting = {},
  ): Promise<Value> {
    return this.#condition.run((held) => work(new HeldConditionTarget(held)), options);
  }

  async statistics(): Promise<ConditionStatistics> {
    return this.#condition.statistics();
  }
}

type Borrowing = { readonly onBehalfOf?: string };

export class LimiterTarget extends RpcTarget {
  readonly #limiter: Limiter;

  constructor(limiter: Limiter) {
    super();
    this.#limiter = limiter;
  }

  async acquire(options: Waiting & Borrowing = {}): Promise<LeaseTarget> {
    return new LeaseTarget(await this.#limiter.acquire(options));
  }

  async tryAcquire(options: Borrowing = {}): Promise<LeaseTarget | null> {
    const lease = await this.#limiter.tryAcquire(options);
    return lease && new LeaseTarget(lease);
  }

  async run<Value>(work: Work<Value>, options: Waiting & Borrowing = {}): Promise<Value> {
    return this.#limiter.run((lease) => work(new LeaseTarget(lease)), options);
  }

  async releaseOnBehalfOf(borrower: string): Promise<void> {
    await this.#limiter.releaseOnBehalfOf(borrower);
  }

  async setTotalTokens(totalTokens: number): Promise<void> {
    await this.#limiter.setTotalTokens(totalTokens);
  }

  async statistics(): Promise<LimiterStatistics> {
    return this.#limiter.statistics();
  }
}
