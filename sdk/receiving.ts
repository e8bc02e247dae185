import { ProtocolError, TimeoutError } from "./errors.ts";
import type { DeliveredItem, DeliveredItems, Result } from "./results.ts";
import type { StreamEnd } from "./stream_end.ts";
import { waitFor, type WaitOptions } from "./waiting.ts";

/** Where a receiving end has its items from. */
export interface Source {
  /** The next item, given to `accept` in the same step in which it can no longer be taken back. */
  next<Value>(wait: WaitOptions, accept: (item: DeliveredItem) => Value): Promise<Value>;
}

/** Each call stands in the server's line by itself. */
export class OneByOne implements Source {
  readonly #end: StreamEnd;

  constructor(end: StreamEnd) {
    this.#end = end;
  }

  next<Value>(wait: WaitOptions, accept: (item: DeliveredItem) => Value): Promise<Value> {
    const { connection, token } = this.#end;
    return waitFor(connection, { op: "receive", end: token }, wait, (result) => {
      const [item] = itemsOf(result);
      if (item === undefined) throw new ProtocolError("A delivery has no item.");
      return accept(item);
    });
  }
}

interface Waiter {
  succeed(item: DeliveredItem): void;
  fail(error: unknown): void;
}

/** Asks for several items ahead, and shares them out among the calls of this end. */
export class Prefetching implements Source {
  readonly #end: StreamEnd;
  readonly #prefetch: number;
  readonly #ready: DeliveredItem[] = [];
  readonly #waiters = new Set<Waiter>();
  #isAsking = false;

  constructor(end: StreamEnd, prefetch: number) {
    this.#end = end;
    this.#prefetch = prefetch;
  }

  async next<Value>(wait: WaitOptions, accept: (item: DeliveredItem) => Value): Promise<Value> {
    wait.signal?.throwIfAborted();
    const ready = this.#ready.shift();
    if (ready !== undefined) {
      this.#ask();
      return accept(ready);
    }
    // What is asked for already would have come by now, were there something.
    if (wait.timeoutMs === 0 && this.#isAsking) throw new TimeoutError("No item is there.");
    this.#ask(wait.timeoutMs);
    return new Promise<Value>((resolve, reject) =>
      this.#wait(wait, {
        succeed: (item) => resolve(accept(item)),
        fail: reject,
      }),
    );
  }

  #wait({ timeoutMs, signal }: WaitOptions, { succeed, fail }: Waiter): void {
    let cancelTimer = (): void => {};
    const settle = (run: () => void): void => {
      this.#waiters.delete(waiter);
      cancelTimer();
      signal?.removeEventListener("abort", aborted);
      run();
    };
    const aborted = (): void => settle(() => fail(signal?.reason));
    const waiter: Waiter = {
      succeed: (item) => settle(() => succeed(item)),
      fail: (error) => settle(() => fail(error)),
    };
    this.#waiters.add(waiter);
    signal?.addEventListener("abort", aborted);
    if (timeoutMs === undefined || timeoutMs === 0) return;
    const late = new TimeoutError(`No item came within ${timeoutMs} ms.`);
    cancelTimer = this.#end.connection.environment.after(timeoutMs, () => waiter.fail(late));
  }

  /** One request at a time, as soon as half of what may be ahead is used up. */
  #ask(timeoutMs?: number): void {
    if (this.#isAsking || this.#ready.length > this.#prefetch / 2) return;
    this.#isAsking = true;
    const { connection, token } = this.#end;
    const max = this.#prefetch - this.#ready.length;
    const wait = timeoutMs === 0 ? { timeoutMs } : {};
    waitFor(connection, { op: "receive", end: token, max }, wait, itemsOf).then(
      (items) => this.#arrived(items),
      (error: unknown) => this.#failed(error),
    );
  }

  #arrived(items: readonly DeliveredItem[]): void {
    this.#isAsking = false;
    this.#ready.push(...items);
    for (const waiter of this.#waiters) {
      const item = this.#ready.shift();
      if (item === undefined) break;
      waiter.succeed(item);
    }
    if (this.#waiters.size > 0 || items.length > 0) this.#ask();
  }

  /** Whoever waits is told; if nobody does, whoever comes next asks again. */
  #failed(error: unknown): void {
    this.#isAsking = false;
    for (const waiter of this.#waiters) waiter.fail(error);
  }
}

function itemsOf(result: Result): readonly DeliveredItem[] {
  const { items } = result as Partial<DeliveredItems>;
  if (Array.isArray(items)) return items as readonly DeliveredItem[];
  throw new ProtocolError("A delivery has no items.");
}
