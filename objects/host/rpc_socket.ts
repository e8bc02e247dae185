import { RpcTarget } from "cloudflare:workers";
import { PING, PONG } from "../../sdk/protocol.ts";
import type { Host } from "./host.ts";
import type { Attachment, Clock, Socket } from "./ports.ts";

/** The client's end of a socket that is no socket: calls inside the platform, in both directions. */
export interface RpcClient {
  message(text: string): unknown;
  closed(code: number, reason: string): unknown;
}

/** A stub of it, which outlives the call that brought it when it is duplicated. */
export type RpcClientStub = RpcClient & Disposable & { dup(): RpcClientStub };

/** The server's end. Whoever has it is alive for exactly as long: the platform says when the last stub of it is gone. */
export class RpcSocket implements Socket {
  readonly #client: RpcClientStub;
  readonly #clock: Clock;
  #attachment: Attachment | null = null;
  #isOpen = true;

  constructor(client: RpcClientStub, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  send(text: string): void {
    if (this.#isOpen) this.#tell(this.#client.message(text));
  }

  close(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.#tell(this.#client.closed(code, reason));
    this.over();
  }

  attachment(): Attachment | null {
    return this.#attachment;
  }

  attach(attachment: Attachment | null): void {
    this.#attachment = attachment;
  }

  lastPingMs(): number | null {
    return this.#isOpen ? this.#clock.nowMs() : null;
  }

  /** Nothing more is said on it. */
  over(): void {
    this.#isOpen = false;
    this.#client[Symbol.dispose]();
  }

  /**
   * A client that cannot be told may live all the same. It counts as silent from now on: it hears no answer to its
   * heart-beats and comes back, or its TTL runs out (LE1).
   */
  #tell(said: unknown): void {
    Promise.resolve(said).catch(() => {
      this.#isOpen = false;
    });
  }
}

/** What the client has of it. */
export class RpcSocketTarget extends RpcTarget {
  readonly #host: Host;
  readonly #socket: RpcSocket;
  #isClosed = false;

  constructor(host: Host, socket: RpcSocket) {
    super();
    this.#host = host;
    this.#socket = socket;
  }

  send(text: string): void {
    if (this.#isClosed) return;
    if (text === PING) this.#socket.send(PONG);
    else this.#host.receive(this.#socket, text);
  }

  /** The client hangs up, and may come back: its session lives on for its TTL. */
  close(): void {
    this.#over(() => this.#host.dropped(this.#socket));
  }

  /** The client is gone without a word: disposed of, or its invocation has ended. All that it had is free at once. */
  [Symbol.dispose](): void {
    this.#over(() => this.#host.left(this.#socket));
  }

  #over(tell: () => void): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    tell();
    this.#socket.over();
  }
}
