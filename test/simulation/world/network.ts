import type { SocketLike } from "../../../sdk/environment.ts";
import type { Attachment, Socket } from "../../../objects/host/ports.ts";
import { CLOSE, PING, PONG, readHello, readOffer } from "../../../sdk/protocol.ts";
import type { Faults } from "./faults.ts";
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";

/** What a connection's two ends are attached to. */
export interface Endpoints {
  /** Runs something in the client's process, when that runs. */
  readonly inClient: (run: () => void) => void;
  readonly arrived: (connection: Connection) => void;
  readonly message: (connection: Connection, text: string) => void;
  /** The platform has answered a ping. */
  readonly pinged: (connection: Connection) => void;
  readonly welcomed: (connection: Connection) => void;
  /** The object says that there is a later connection. */
  readonly turnedAway: (connection: Connection) => void;
  readonly closed: (connection: Connection) => void;
}

type Direction = "up" | "down";

export interface Address {
  /** What the trace calls the connection. */
  readonly name: string;
  readonly url: string;
  readonly protocols: string[];
  /** False while the client is cut off. */
  readonly isReachable: boolean;
}

/** One WebSocket. Each direction keeps its order; either may be lost for good. */
export class Connection implements Socket {
  /** What the trace calls it. */
  readonly name: string;
  readonly url: string;
  readonly protocols: readonly string[];
  /** What the client says of itself. */
  readonly greeting: ReturnType<typeof readHello>;
  readonly client: SocketLike;
  /** True once the object has let the client in. */
  isWelcomed = false;
  arrivedAtMs = 0;
  readonly #net: Net;
  readonly #ends: Endpoints;
  /** When what is sent now arrives at the earliest: nothing overtakes. */
  readonly #freeAtMs = { up: 0, down: 0 };
  readonly #isSilent = { up: false, down: false };
  #clientState: "connecting" | "open" | "closed" = "connecting";
  /** While it closes, what the client has sent still comes in. */
  #serverState: "connecting" | "open" | "closing" | "closed" = "connecting";
  #attachment: Attachment | null = null;
  #lastPingMs: number | null = null;
  /** That of the instance which has the socket. */
  clock: { since(wallMs: number): number } | null = null;

  constructor(net: Net, address: Address, ends: Endpoints) {
    this.name = address.name;
    this.#net = net;
    this.#ends = ends;
    this.url = address.url;
    this.protocols = address.protocols;
    this.greeting = readHello(readOffer(address.protocols.join(", ")).hello);
    this.client = {
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
      send: (text) => this.#sendUp(text),
      close: () => this.#closeByClient(),
    };
    const isUnreachable = !address.isReachable || net.faults.strikes("unreachable", address.name);
    if (isUnreachable) this.#tellClient(1006);
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
    this.#net.note(() => `${this.name} is told ${text}`);
    if (!this.isWelcomed && text.includes('"welcome"')) {
      this.isWelcomed = true;
      this.#ends.welcomed(this);
    }
    this.#travel("down", () => this.#deliver(text));
  }

  close(code: number): void {
    if (this.#serverState !== "open") return;
    this.#serverState = "closing";
    if (code === CLOSE.superseded && !this.isWelcomed) this.#ends.turnedAway(this);
    this.#travel("down", () => this.#closeClient(code));
  }

  attachment(): Attachment | null {
    return structuredClone(this.#attachment);
  }

  attach(attachment: Attachment | null): void {
    this.#attachment = structuredClone(attachment);
  }

  lastPingMs(): number | null {
    if (this.#lastPingMs === null) return null;
    return this.clock === null ? this.#lastPingMs : this.clock.since(this.#lastPingMs);
  }

  /** What is on its way is lost. Each end hears of it at its own time; a server may never do. */
  cut(): void {
    this.vanish();
    this.#tellClient(1006);
    const { timeline, random } = this.#net;
    if (random.chance(0.8)) timeline.after(random.delayMs(500), () => this.#closedAtServer());
  }

  /** Both directions go silent, and nobody is told. */
  vanish(): void {
    this.#isSilent.up = true;
    this.#isSilent.down = true;
  }

  silence(): void {
    this.#isSilent[this.#net.random.pick<Direction>(["up", "down"])] = true;
  }

  stall(forMs: number, directions: readonly Direction[] = ["up", "down"]): void {
    const untilMs = this.#net.timeline.nowMs + forMs;
    for (const direction of directions) {
      this.#freeAtMs[direction] = Math.max(this.#freeAtMs[direction], untilMs);
    }
  }

  /** The server's process is gone: nobody closes anything, and the client's end finds out somehow. */
  die(): void {
    this.#serverState = "closed";
    this.vanish();
    if (!this.#net.random.chance(0.2)) this.#tellClient(1006);
  }

  #arrive(): void {
    this.#serverState = "open";
    this.arrivedAtMs = this.#net.timeline.nowMs;
    this.#net.note(() => `${this.name} arrives`);
    const { ttlMs } = "hello" in this.greeting ? this.greeting.hello : { ttlMs: 0 };
    if (this.#net.faults.strikes("slow", this.name)) {
      this.stall(this.#net.random.next() * 0.8 * ttlMs, ["down"]);
    }
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
      if (this.#serverState !== "open" && this.#serverState !== "closing") return;
      if (text !== PING) {
        this.#net.note(() => `${this.name} asks ${text}`);
        this.#ends.message(this, text);
      } else if (this.#serverState === "open") {
        // The platform answers, and wakes nobody.
        this.#lastPingMs = this.#net.serverNowMs();
        this.#ends.pinged(this);
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
    if (this.#serverState !== "open" && this.#serverState !== "closing") return;
    this.#serverState = "closed";
    this.#ends.closed(this);
  }

  #travel(direction: Direction, arrive: () => void): void {
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
  /** False once it has been set back. */
  isClockTrue(): boolean;
}
