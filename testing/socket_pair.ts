import type { Attachment, Socket } from "../objects/host/ports.ts";
import type { SocketLike } from "../sdk/environment.ts";
import { PING, PONG } from "../sdk/protocol.ts";
import type { ClientProcess } from "./client_process.ts";
import type { VirtualClock } from "./clock.ts";
import type { LinkSocket } from "./link.ts";

/** The object at the other end, as the platform wakes it. */
export interface Receiver {
  accept(socket: SocketPair): void;
  message(socket: SocketPair, text: string): void;
  closed(socket: SocketPair): void;
}

export interface Dialled {
  readonly process: ClientProcess;
  readonly clock: VirtualClock;
  readonly protocols: readonly string[];
  /** Who takes the call when it arrives; `null` where nobody is there. */
  readonly receiver: () => Receiver | null;
}

/** The connection was not closed in good order; or never came about. */
const ABNORMAL = 1006;

/** One WebSocket with both of its ends: the SDK has `client`, and the host has the pair itself. */
export class SocketPair implements Socket, LinkSocket {
  readonly protocols: readonly string[];
  readonly client: SocketLike;
  readonly #process: ClientProcess;
  readonly #clock: VirtualClock;
  readonly #findReceiver: () => Receiver | null;
  #receiver: Receiver | null = null;
  #clientState: "connecting" | "open" | "closed" = "connecting";
  /** While it closes, what the client has sent before it knew still comes in. */
  #serverState: "connecting" | "open" | "closing" | "closed" = "connecting";
  #attachment: Attachment | null = null;
  #lastPingMs: number | null = null;

  constructor({ process, clock, protocols, receiver }: Dialled) {
    this.#process = process;
    this.#clock = clock;
    this.protocols = protocols;
    this.#findReceiver = receiver;
    this.client = {
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
      send: (text) => process.inside(() => this.#sendUp(text)),
      close: () => process.inside(() => this.#closeByClient()),
    };
    process.inside(() => this.#dial());
  }

  /** False for one that is being closed. */
  get isOpenAtServer(): boolean {
    return this.#serverState === "open";
  }

  send(text: string): void {
    if (this.#serverState === "open") this.#travelDown(() => this.#deliver(text));
  }

  close(code: number, reason: string): void {
    if (this.#serverState !== "open") return;
    this.#serverState = "closing";
    this.#travelDown(() => this.#closeClient(code, reason));
  }

  attachment(): Attachment | null {
    return this.#attachment;
  }

  attach(attachment: Attachment | null): void {
    this.#attachment = attachment;
  }

  lastPingMs(): number | null {
    return this.#lastPingMs;
  }

  sever(): void {
    this.#tellClient();
    this.#clock.after(0, () => this.#closeServer());
  }

  orphan(): void {
    this.#process.link.travel("up", () => this.#closeServer());
  }

  /** The server's process is gone. It hears of nothing any more; the client does, if anything comes through. */
  abandon(): void {
    this.#serverState = "closed";
    this.#travelDown(() => this.#closeClient(ABNORMAL, ""));
  }

  #dial(): void {
    const { link } = this.#process;
    if (link.isCut) {
      this.#tellClient();
      return;
    }
    link.add(this);
    link.travel("up", () => this.#arrive());
  }

  #arrive(): void {
    if (this.#clientState === "closed") return;
    this.#receiver = this.#findReceiver();
    if (this.#receiver === null) {
      this.abandon();
      return;
    }
    this.#serverState = "open";
    this.#travelDown(() => this.#openClient());
    this.#receiver.accept(this);
  }

  #openClient(): void {
    if (this.#clientState !== "connecting") return;
    this.#clientState = "open";
    this.client.onopen?.(undefined as never);
  }

  #sendUp(text: string): void {
    if (this.#clientState !== "open") return;
    this.#process.link.travel("up", () => {
      if (text === PING) this.#answerPing();
      else if (this.#serverState === "open" || this.#serverState === "closing") {
        this.#receiver?.message(this, text);
      }
    });
  }

  /** The platform answers, and wakes nobody. */
  #answerPing(): void {
    if (this.#serverState !== "open") return;
    this.#lastPingMs = this.#clock.nowMs;
    this.send(PONG);
  }

  #deliver(text: string): void {
    if (this.#clientState === "open") this.client.onmessage?.({ data: text });
  }

  #closeByClient(): void {
    if (this.#clientState === "closed") return;
    this.#clientState = "closed";
    this.#process.link.travel("up", () => this.#closeServer());
  }

  #tellClient(): void {
    this.#clock.after(0, () => this.#process.inside(() => this.#closeClient(ABNORMAL, "")));
  }

  #closeClient(code: number, reason: string): void {
    if (this.#clientState === "closed") return;
    this.#clientState = "closed";
    this.#process.link.travel("up", () => this.#closeServer());
    this.client.onclose?.({ code, reason });
  }

  #closeServer(): void {
    this.#process.link.remove(this);
    if (this.#serverState !== "open" && this.#serverState !== "closing") return;
    this.#serverState = "closed";
    this.#receiver?.closed(this);
  }

  #travelDown(arrive: () => void): void {
    this.#process.link.travel("down", () => this.#process.inside(arrive));
  }
}
