import { OF_STREAMS } from "./errors.ts";
import { BUFFER_ITEMS_MAX } from "./bounds.ts";
import { countOrNull } from "./checks.ts";
import type { Connection } from "./connection.ts";
import { checked } from "./options.ts";
import { checkPrefetch, ReceiveStream, type ReceiveStreamOptions } from "./receive_stream.ts";
import type { StreamConfig } from "./requests.ts";
import { SendStream } from "./send_stream.ts";
import { giveBackItems, streamStatistics, type StreamStatistics } from "./stream_end.ts";

/** What the first client to open a stream's name fixes for good. Left out, the name is taken as it is. */
export interface StreamOptions {
  /** How many items may wait for a receiver: a whole number, or Infinity; 0 makes every send wait for one (ST1). */
  readonly maxBufferSize?: number | undefined;
}

/**
 * Hands items from senders to receivers, wherever they are: each item to one receiver (ST2), in the order sent. The
 * two ends are usually far apart; each is opened, cloned and closed by itself.
 *
 * @typeParam Item what it carries: any JSON value (ST11).
 */
export class Stream<Item = unknown> {
  /** Of `connectWith`: what the server may answer. */
  static readonly errors = OF_STREAMS;
  readonly #connection: Connection;
  readonly #stated: { config?: StreamConfig } = {};

  /** Made by `connect(…).stream(name, options)`. To call it is the SDK's: it takes what only a client has. */
  constructor(connection: Connection, options: StreamOptions = {}) {
    const { maxBufferSize } = checked(options);
    this.#connection = connection;
    giveBackItems(connection);
    if (maxBufferSize === undefined) return;
    this.#stated = {
      config: { maxBufferSize: countOrNull("maxBufferSize", maxBufferSize, BUFFER_ITEMS_MAX) },
    };
  }

  /** Opens an end of each side, as `openSend` and `openReceive` do; both, or none. */
  async open(options: ReceiveStreamOptions = {}): Promise<[SendStream<Item>, ReceiveStream<Item>]> {
    checkPrefetch(checked(options).prefetch);
    const [sending, receiving] = [this.openSend(), this.openReceive(options)];
    const ends = await Promise.allSettled([sending, receiving]);
    if (ends.some(({ status }) => status === "rejected")) {
      const opened = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
      await Promise.allSettled(opened.map((end) => end.close()));
    }
    return Promise.all([sending, receiving]);
  }

  /**
   * Opens an end to send on. Close it, or dispose of it, when there is no more to send: when the last one is closed
   * the receivers' loops end (ST5).
   *
   * @throws ClosedResourceError when every send end has been closed before: that side is closed for good (ST7).
   * @throws ConfigMismatchError, NotConfiguredError when the name is configured otherwise, or not at all.
   * @throws LimitExceededError when this client has too many ends and calls there already.
   * @throws ConnectionLostError when the server could not be reached for as long as the session lives.
   */
  openSend(): Promise<SendStream<Item>> {
    return SendStream.open<Item>(this.#connection, { op: "open", side: "send", ...this.#stated });
  }

  /**
   * Opens an end to receive from. When the last one is closed, senders are told that nobody is left (ST6).
   *
   * @param options.prefetch how many items to ask for at once, 1 to 1,024: more of them make a consumer far away
   * faster, and are kept from other receivers meanwhile. Default 1.
   * @throws ClosedResourceError when every receive end has been closed before (ST7). Otherwise as `openSend`.
   */
  openReceive(options: ReceiveStreamOptions = {}): Promise<ReceiveStream<Item>> {
    const request = { op: "open", side: "receive", ...this.#stated } as const;
    return ReceiveStream.open<Item>(this.#connection, request, options);
  }

  /**
   * Closes every end and drops every item, whoever's they are: the stream can be used again (ST7). Calls blocked in
   * it settle with a `ClosedResourceError`.
   *
   * @throws ConfigMismatchError, NotConfiguredError, ConnectionLostError as `openSend`.
   */
  async reset(): Promise<void> {
    await this.#connection.ask({ op: "reset", ...this.#stated });
  }

  /** The buffer, the open ends and who is blocked, as of the last commit. */
  statistics(): Promise<StreamStatistics> {
    return streamStatistics(this.#connection, this.#stated);
  }
}
