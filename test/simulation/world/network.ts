import type { SocketLike } from "../../../sdk/environment.ts";
import type { Attachment, Socket } from "../../../objects/host/ports.ts";
import { PING, PONG } from "../../../sdk/protocol.ts";
import type { Faults } from "./faults.ts";
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";

/** What a connection's two ends are attached to. */
export interface Endpoints {
  /** Runs something in the client's process, when that runs. */
  readonly inClient: (run: () => void) => void;
  readonly arrived: (connection: Connection) => void;
  readonly message: (connection: Connection, text: string) => void;
  readonly closed: (connection: Connection) => void;
}

/** One WebSocket. Each direction keeps its order; either may be lost for good. */
export class Connection implements Socket {
  /** What the trace calls it. */
  readonly name: string;
  readonly url: string;
  readonly protocols: readonly string[];
  readonly client: SocketLike;
  readonly #net: Net;
  readonly #ends: Endpoints;
  /** When what is sent now arrives at the earliest: nothing overtakes. */
  readonly #freeAtMs = { up: 0, down: 0 };
  readonly #isSilent = { up: false, down: false };
  #clientState: "connecting" | "open" | "closed" = "connecting";
  #serverState: "connecting" | "open" | "closed" = "connecting";
  #attachment: Attachment | null = null;
  #lastPingMs: number | null = null;

  constructor(net: Net, address: { name: string; url: string; protocols: string[] }, ends: Endpoints) {
    this.name = address.name;
    this.#net = net;
    this.#ends = ends;
    this.url = address.url;
    this.protocols = address.protocols;
    this.client = {
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
      send: (text) => this.#sendUp(text),
      close: () => this.#closeByClient(),
    };
    if (net.faults.strikes("unreachable", address.url)) this.#tellClient(1006);
    else this.#travel("up", () => this.#arrive());
  }

  /** False when both ends know that it is over. */
  get isAlive(): boolean {
    return this.#clientState !== "closed" || this.#serverState !== "closed";
  }

  get isOpenAtServer(): boolean {
    return this.#serverState === "open";
  }

  /** What the server's end is asked, by its host. */
  send(text: string): void {
    if (this.#serverState !== "open") return;
    this.#net.note(() => `${this.name} says ${text}`);
    this.#travel("down", () => this.#deliver(text));
  }

  close(code: number): void {
    if (this.#serverState === "closed") return;
    this.#serverState = "closed";
    this.#travel("down", () => this.#closeClient(code));
  }

  attachment(): Attachment | null {
    return structuredClone(this.#attachment);
  }

  attach(attachment: Attachment | null): void {
    this.#attachment = structuredClone(attachment);
  }

  lastPingMs(): number | null {
    return this.#lastPingMs;
  }

  /** What is on its way is lost. Each end hears of it at its own time; a server may never do. */
  cut(): void {
    this.#isSilent.up = true;
    this.#isSilent.down = true;
    this.#tellClient(1006);
    const { timeline, random } = this.#net;
    if (random.chance(0.8)) timeline.after(random.delayMs(500), () => this.#closedAtServer());
  }

  silence(): void {
    this.#isSilent[this.#net.random.pick(["up", "down"] as const)] = true;
  }

  stall(forMs: number): void {
    const untilMs = this.#net.timeline.nowMs + forMs;
    this.#freeAtMs.up = Math.max(this.#freeAtMs.up, untilMs);
    this.#freeAtMs.down = Math.max(this.#freeAtMs.down, untilMs);
  }

  /** The server's process is gone: nobody closes anything, and the client's end finds out somehow. */
  die(): void {
    this.#serverState = "closed";
    this.#isSilent.up = true;
    this.#isSilent.down = true;
    if (!this.#net.random.chance(0.2)) this.#tellClient(1006);
  }

  #arrive(): void {
    this.#serverState = "open";
    this.#travel("down", () => {
      if (this.#clientState !== "connecting") return;
      this.#clientState = "open";
      this.client.onopen?.({} as never);
    });
    this.#ends.arrived(this);
  }

  #sendUp(text: string): void {
    if (this.#clientState !== "open") return;
    this.#travel("up", () => {
      if (this.#serverState !== "open") return;
      if (text !== PING) {
        this.#net.note(() => `${this.name} hears ${text}`);
        this.#ends.message(this, text);
      } else {
        // The platform answers, and wakes nobody.
        this.#lastPingMs = this.#net.serverNowMs();
        this.send(PONG);
      }
    });
  }

  #deliver(text: string): void {
    if (this.#clientState === "open") this.client.onmessage?.({ data: text });
  }

  #closeByClient(): void {
    if (this.#clientState === "closed") return;
    this.#clientState = "closed";
    this.#travel("up", () => this.#closedAtServer());
  }

  #tellClient(code: number): void {
    const { timeline, random } = this.#net;
    timeline.after(random.delayMs(300), () => this.#ends.inClient(() => this.#closeClient(code)));
  }

  #closeClient(code: number): void {
    if (this.#clientState === "closed") return;
    this.#clientState = "closed";
    this.client.onclose?.({ code, reason: "" });
  }

  #closedAtServer(): void {
    if (this.#serverState !== "open") return;
    this.#serverState = "closed";
    this.#ends.closed(this);
  }

  #travel(direction: "up" | "down", arrive: () => void): void {
    if (this.#isSilent[direction]) return;
    const { timeline, random } = this.#net;
    const atMs = Math.max(timeline.nowMs + random.delayMs(20), this.#freeAtMs[direction]);
    this.#freeAtMs[direction] = atMs;
    timeline.at(atMs, () => {
      if (this.#isSilent[direction]) return;
      if (direction === "down") this.#ends.inClient(arrive);
      else arrive();
    });
  }
}

/** What all connections share. */
export interface Net {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly faults: Faults;
  /** Notes what happens; the line is made only where somebody reads it. */
  readonly note: (line: () => string) => void;
  serverNowMs(): number;
}
