import { orNull } from "./acquiring.ts";
import { UNATTENDED, type Call } from "./calls.ts";
import type { Connection } from "./connection.ts";
import { encodeItem } from "./items.ts";
import { StreamEnd, streamStatistics, type OpenBody, type StreamStatistics } from "./stream_end.ts";
import { waitFor, type WaitOptions } from "./waiting.ts";

/** The end of a stream that items are sent on. */
export class SendStream<Item = unknown> implements AsyncDisposable {
  readonly #end: StreamEnd;

  private constructor(end: StreamEnd) {
    this.#end = end;
  }

  /** Used by `Stream.openSend` and `clone`. */
  static async open<Item>(connection: Connection, body: OpenBody): Promise<SendStream<Item>> {
    return new SendStream<Item>(await StreamEnd.open(connection, body));
  }

  /**
   * Sends an item: settles when it is in the buffer, or, where there is none, when a receiver has taken it (ST1).
   * What was accepted before a time-out or an abort arrived stays sent, and then this resolves.
   *
   * @param item any JSON value (ST11).
   * @param options.timeoutMs how long to wait for room, in milliseconds; 0 is "now or not at all".
   * @param options.signal gives the wait up when aborted; the item is withdrawn.
   * @throws BrokenResourceError when every receiver has closed (ST6).
   * @throws ClosedResourceError when this end was closed, before or meanwhile (ST8). LeaseLostError when it was lost.
   * @throws TimeoutError when `timeoutMs` passed. `signal.reason` when aborted.
   * @throws InvalidArgumentError for what JSON cannot carry. LimitExceededError for an item that is too large, or one
   * too many for the stream to hold.
   * @throws ConnectionLostError when the server could not be reached within `timeoutMs`, or for as long as the session
   * lives; whether the item was taken is not known then.
   */
  async send(item: Item, options: WaitOptions = {}): Promise<void> {
    const text = encodeItem(item);
    this.#end.checkOpen();
    const { connection, token: end } = this.#end;
    await waitFor(
      connection,
      { op: "send", end, item: text },
      options,
      () => {},
      (call) => wasSent(connection, call),
    );
  }

  /**
   * Sends the item if that needs no waiting; `false` otherwise, and nothing was sent. It never passes those who wait (W2).
   *
   * @throws as `send`, but for the TimeoutError.
   */
  async trySend(item: Item): Promise<boolean> {
    const sending = this.send(item, { timeoutMs: 0 });
    return (await orNull(sending.then(() => true))) ?? false;
  }

  /**
   * Another end of the same side, to be closed by itself (ST4).
   *
   * @throws ClosedResourceError when this one was closed (ST8). LeaseLostError when it was lost.
   */
  async clone(): Promise<SendStream<Item>> {
    this.#end.checkOpen();
    const { connection, token } = this.#end;
    return SendStream.open<Item>(connection, { op: "open", side: "send", from: token });
  }

  /** Closes this end; closing it again is harmless (ST4). When it was the last, receivers drain the buffer and end (ST5). */
  close(): Promise<void> {
    return this.#end.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The buffer, the open ends and who is blocked, as of the last commit. */
  statistics(): Promise<StreamStatistics> {
    return streamStatistics(this.#end.connection);
  }
}

/**
 * Withdraws an item, and resolves when it is known whether it was sent all the same: it cannot be unsent, and to say
 * that it was withdrawn would be to have it sent twice.
 */
async function wasSent(connection: Connection, call: Call): Promise<boolean> {
  const answered = connection.cancel(call);
  if (answered === null) return false;
  // A server that never saw the call could not say so if it saw a later one: after a reconnect it sees this one first.
  connection.calls.add({ ...call, ...UNATTENDED, deadlineMs: connection.environment.nowMs() });
  const cancelled = await answered.finally(() => connection.calls.take(call.id));
  return "applied" in cancelled && cancelled.applied;
}
