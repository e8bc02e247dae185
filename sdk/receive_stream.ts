import { UNCONFIRMED_MAX } from "./bounds.ts";
import { countFault } from "./checks.ts";
import type { Connection } from "./connection.ts";
import { check, EndOfStreamError, ProtocolError, TimeoutError } from "./errors.ts";
import { checked, readTimeoutMs } from "./options.ts";
import { OneByOne, Prefetching, type Source } from "./receiving.ts";
import type { DeliveredItem } from "./results.ts";
import { StreamEnd, streamStatistics, type OpenBody, type StreamStatistics } from "./stream_end.ts";
import type { WaitOptions } from "./waiting.ts";

export interface ReceiveStreamOptions {
  /** How many items to ask for at once, 1 to 1,024; default 1. */
  readonly prefetch?: number | undefined;
}

/** The end of a stream that items are received on. */
export class ReceiveStream<Item = unknown> implements AsyncDisposable, AsyncIterable<Item> {
  readonly #end: StreamEnd;
  readonly #options: ReceiveStreamOptions;
  readonly #source: Source;
  /** What loops work on, by its place; it is not confirmed yet. */
  readonly #inHand = new Set<number>();

  private constructor(end: StreamEnd, options: ReceiveStreamOptions) {
    this.#end = end;
    this.#options = options;
    const { prefetch = 1 } = options;
    this.#source = prefetch === 1 ? new OneByOne(end) : new Prefetching(end, prefetch);
  }

  /** Used by `Stream.openReceive` and `clone`. */
  static async open<Item>(
    connection: Connection,
    body: OpenBody,
    options: ReceiveStreamOptions,
  ): Promise<ReceiveStream<Item>> {
    checkPrefetch(checked(options).prefetch);
    return new ReceiveStream<Item>(await StreamEnd.open(connection, body), options);
  }

  /**
   * Waits for an item, which no other receiver gets (ST2). It counts as received when this resolves; should this
   * program die before, another receiver has it (ST3).
   *
   * @param options.timeoutMs how long to wait, in milliseconds; 0 is "now or not at all"; without it, for ever.
   * @param options.signal gives the wait up when aborted; nothing is lost by that (ST9).
   * @throws EndOfStreamError when every sender has closed and the buffer is empty (ST5).
   * @throws ClosedResourceError when this end was closed, before or meanwhile (ST8). LeaseLostError when it was lost.
   * @throws TimeoutError when `timeoutMs` passed. `signal.reason` when aborted.
   * @throws InvalidArgumentError when `timeoutMs` is negative or no number. LimitExceededError when too many wait.
   * @throws ConnectionLostError when the server could not be reached within `timeoutMs`, or for as long as the session lives.
   */
  async receive(options: WaitOptions = {}): Promise<Item> {
    const { timeoutMs, signal } = checked(options);
    const limitMs = readTimeoutMs(timeoutMs);
    this.#end.checkOpen();
    return this.#source.next({ timeoutMs: limitMs, signal }, (delivered) => {
      const value = this.#take(delivered);
      this.#end.confirm(delivered.seq);
      return value;
    });
  }

  /**
   * An item, if one is there and nobody waits before (W2); `null` otherwise.
   *
   * @throws as `receive`, but for the TimeoutError.
   */
  async tryReceive(): Promise<{ value: Item } | null> {
    try {
      return { value: await this.receive({ timeoutMs: 0 }) };
    } catch (error) {
      if (error instanceof TimeoutError) return null;
      throw error;
    }
  }

  /**
   * Receives until every sender has closed and the buffer is drained (ST5). An item counts as received when the next
   * one is asked for, or the loop is left: should this program die while it works on one, another receiver has it
   * again (ST3); and with it, where `prefetch` has fetched more, what was received in the last 5 ms.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for (;;) {
      const next = await this.#nextOrNull();
      if (next === null) return;
      let goesOn = false;
      try {
        yield next.value;
        goesOn = this.#source.isAhead;
      } finally {
        if (this.#inHand.delete(next.seq)) {
          // A loop that goes on at once says so of many items in one frame.
          if (goesOn) this.#end.confirmSoon(next.seq);
          else this.#end.confirm(next.seq);
        }
      }
    }
  }

  /**
   * Another end of the same side, to be closed by itself (ST4).
   *
   * @throws ClosedResourceError when this one was closed (ST8). LeaseLostError when it was lost.
   */
  async clone(): Promise<ReceiveStream<Item>> {
    this.#end.checkOpen();
    const { connection, token } = this.#end;
    const body: OpenBody = { op: "open", side: "receive", from: token };
    return ReceiveStream.open<Item>(connection, body, this.#options);
  }

  /**
   * Closes this end; closing it again is harmless (ST4). When it was the last, senders are told (ST6). What a loop over
   * it works on counts as received: nobody else is given it.
   */
  close(): Promise<void> {
    this.#end.confirm(...this.#inHand);
    return this.#end.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The buffer, the open ends and who is blocked, as of the last commit. */
  statistics(): Promise<StreamStatistics> {
    return streamStatistics(this.#end.connection);
  }

  async #nextOrNull(): Promise<{ seq: number; value: Item } | null> {
    this.#end.checkOpen();
    try {
      return await this.#source.next({}, (delivered) => {
        const value = this.#take(delivered);
        this.#inHand.add(delivered.seq);
        return { seq: delivered.seq, value };
      });
    } catch (error) {
      if (error instanceof EndOfStreamError) return null;
      throw error;
    }
  }

  /** What crossed the end's own closing goes back, and on to others (ST8). */
  #take({ item }: DeliveredItem): Item {
    this.#end.checkOpen();
    try {
      return JSON.parse(item) as Item;
    } catch (cause) {
      throw new ProtocolError("An item is no JSON.", { cause });
    }
  }
}

/** @throws InvalidArgumentError for what is no number of items. */
export function checkPrefetch(prefetch = 1): void {
  check(countFault("prefetch", prefetch, { from: 1, to: UNCONFIRMED_MAX }));
}
