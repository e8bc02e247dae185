import { RpcTarget } from "cloudflare:workers";
import type {
  ReceiveStream,
  ReceiveStreamOptions,
  SendStream,
  Stream,
  StreamStatistics,
} from "../../sdk/index.ts";
import type { Waiting } from "./leases.ts";

/** What travels between Workers as it is; any JSON value is among it (ST11). */
export type Item = null | boolean | number | string | object;

/** A stream and its ends, as another Worker has them. Disposing of an end's stub closes it. */

export class StreamTarget extends RpcTarget {
  readonly #stream: Stream<Item>;

  constructor(stream: Stream<Item>) {
    super();
    this.#stream = stream;
  }

  async open(options: ReceiveStreamOptions = {}): Promise<[SendStreamTarget, ReceiveStreamTarget]> {
    const [send, receive] = await this.#stream.open(options);
    return [new SendStreamTarget(send), new ReceiveStreamTarget(receive)];
  }

  async openSend(): Promise<SendStreamTarget> {
    return new SendStreamTarget(await this.#stream.openSend());
  }

  async openReceive(options: ReceiveStreamOptions = {}): Promise<ReceiveStreamTarget> {
    return new ReceiveStreamTarget(await this.#stream.openReceive(options));
  }

  async reset(): Promise<void> {
    await this.#stream.reset();
  }

  async statistics(): Promise<StreamStatistics> {
    return this.#stream.statistics();
  }
}

/** What both sides have. */
class EndTarget<End extends Pick<SendStream, "close" | "statistics">> extends RpcTarget {
  /** Not reachable from outside: only what stands on a prototype is. */
  protected readonly end: End;

  constructor(end: End) {
    super();
    this.end = end;
  }

  async close(): Promise<void> {
    await this.end.close();
  }

  async statistics(): Promise<StreamStatistics> {
    return this.end.statistics();
  }

  [Symbol.dispose](): void {
    this.end.close().catch(() => {});
  }
}

export class SendStreamTarget extends EndTarget<SendStream<Item>> {
  async send(item: Item, options: Waiting = {}): Promise<void> {
    await this.end.send(item, options);
  }

  async trySend(item: Item): Promise<boolean> {
    return this.end.trySend(item);
  }

  async clone(): Promise<SendStreamTarget> {
    return new SendStreamTarget(await this.end.clone());
  }
}

export class ReceiveStreamTarget extends EndTarget<ReceiveStream<Item>> {
  async receive(options: Waiting = {}): Promise<Item> {
    return this.end.receive(options);
  }

  async tryReceive(): Promise<{ value: Item } | null> {
    return this.end.tryReceive();
  }

  async clone(): Promise<ReceiveStreamTarget> {
    return new ReceiveStreamTarget(await this.end.clone());
  }
}
