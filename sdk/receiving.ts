import { isCount, isObject } from "./decode.ts";
import { ProtocolError, TimeoutError } from "./errors.ts";
import type { DeliveredItem, DeliveredItems, Result } from "./results.ts";
import type { StreamEnd } from "./stream_end.ts";
import { waitFor, type WaitOptions } from "./waiting.ts";

/** Where a receiving end has its items from. */
export interface Source {
  /** True if there is an item that was fetched and that nobody has asked for yet. */
  readonly isAhead: boolean;
  /** The next item, given to `accept` in the same step in which it can no longer be taken back. */
  next<Value>(wait: WaitOptions, accept: (item: DeliveredItem) => Value): Promise<Value>;
}

/** Each call stands in the server's line by itself. */
export class OneByOne implements Source {
  readonly isAhead = false;
  readonly #end: StreamEnd;

  constructor(end: StreamEnd) {
    this.#end = end;
  }

  next<Value>(wait: WaitOptions, accept: (item: DeliveredItem) => Value): Promise<Value> {
    const { connection, token } = this.#end;
    return waitFor(connection, { op: "receive", end: token }, wait, (result) =>
      accept(itemsFor(this.#end, result)[0]),
    );
  }
}

interface Waiter {
  readonly succeed: (item: DeliveredItem) => void;
  readonly fail: (error: unknown) => void;
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

  get isAhead(): boolean {
    return this.#ready.length > 0;
  }

  async next<Value>(wait: WaitOptions, accept: (item: DeliveredItem) => Value): Promise<Value> {
    wait.signal?.throwIfAborted();
    const ready = this.#ready.shift();
    if (ready !== undefined) {
      this.#ask();
      return accept(ready);
    }
    return new Promise<Value>((resolve, reject) => {
      const waiter = this.#wait(wait, {
        succeed: (item) => {
          try {
            resolve(accept(item));
          } catch (error) {
            reject(error);
          }
        },
        fail: reject,
      });
      if (wait.timeoutMs === 0) this.#try(waiter);
      else this.#ask();
    });
  }

  #wait({ timeoutMs, signal }: WaitOptions, { succeed, fail }: Waiter): Waiter {
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
    if (timeoutMs === undefined || timeoutMs === 0) return waiter;
    const late = new TimeoutError(`No item came within ${timeoutMs} ms.`);
    cancelTimer = this.#end.connection.environment.after(timeoutMs, () => waiter.fail(late));
    return waiter;
  }

  /** One request at a time, as soon as half of what may be ahead is used up. */
  #ask(): void {
    if (this.#isAsking || this.#ready.length > this.#prefetch / 2) return;
    const { fault } = this.#end;
    if (fault !== null) return this.#failed(fault);
    this.#isAsking = true;
    this.#end.confirm();
    this.#request(this.#prefetch - this.#ready.length).then(
      (items) => {
        this.#isAsking = false;
        this.#arrived(items);
      },
      (error: unknown) => this.#failed(error),
    );
  }

  /** Now or not at all: behind what was asked for before, which has its answer first if there is something (W2). */
  #try(waiter: Waiter): void {
    this.#request(this.#isAsking ? 1 : this.#prefetch, { timeoutMs: 0 }).then(
      (items) => {
        this.#arrived(items);
        waiter.fail(new TimeoutError("No item is there that others have not waited for."));
      },
      (error: unknown) => waiter.fail(error),
    );
  }

  #request(max: number, wait: WaitOptions = {}): Promise<Items> {
    const { connection, token } = this.#end;
    return waitFor(connection, { op: "receive", end: token, max }, wait, (result) =>
      itemsFor(this.#end, result),
    );
  }

  #arrived(items: Items): void {
    this.#ready.push(...items);
    for (const waiter of this.#waiters) {
      const item = this.#ready.shift();
      if (item === undefined) break;
      waiter.succeed(item);
    }
    this.#ask();
  }

  /** Whoever waits is told; if nobody does, whoever comes next asks again. */
  #failed(error: unknown): void {
    this.#isAsking = false;
    for (const waiter of this.#waiters) waiter.fail(error);
  }
}

type Items = readonly [DeliveredItem, ...DeliveredItem[]];

/** The end has them: their repeats are nothing to be given back. */
function itemsFor({ unconfirmed }: StreamEnd, result: Result): Items {
  const items = itemsOf(result);
  for (const { seq } of items) unconfirmed.add(seq);
  return items;
}

/** @throws ProtocolError for what is no delivery of at least one item. */
function itemsOf(result: Result): Items {
  const { items } = result as Partial<DeliveredItems>;
  if (Array.isArray(items) && items.length > 0 && items.every(isItem))
    return items as unknown as Items;
  throw new ProtocolError("A delivery has no items.");
}

function isItem(entry: unknown): boolean {
  return isObject(entry) && isCount(entry["seq"]) && typeof entry["item"] === "string";
}
