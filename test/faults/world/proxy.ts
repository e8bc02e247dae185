import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../../simulation/world/random.ts";

export type Direction = "to-server" | "to-client";

/** The road of one client to the server: what goes along it can be cut, slowed, held up, and lose one of its ends. */
export class Proxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #random: Random;
  /** The server's port; `null` while there is none. */
  readonly #port: () => number | null;
  readonly #links = new Set<Link>();
  readonly #roads: Record<Direction, Road> = { "to-server": openRoad(), "to-client": openRoad() };
  #isUnreachable = false;

  private constructor(port: () => number | null, random: Random) {
    this.#port = port;
    this.#random = random;
    // Half-open: a socket that was ended by one side is passed on as just that.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#accept(socket),
    );
  }

  static async open(port: () => number | null, random: Random): Promise<Proxy> {
    const proxy = new Proxy(port, random);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Cuts what is connected, some or all of it; `unreachableMs` more nobody gets through. True if anything was. */
  cut({ all, unreachableMs }: { all: boolean; unreachableMs: number }): boolean {
    const links = [...this.#links].filter(() => all || this.#random.chance(0.5));
    for (const link of links) link.cut();
    this.#isUnreachable = unreachableMs > 0;
    setTimeout(() => (this.#isUnreachable = false), unreachableMs).unref();
    return links.length > 0;
  }

  /** Everything takes longer, in both directions. */
  slow(delayMs: number): void {
    for (const road of Object.values(this.#roads)) road.delayMs = delayMs;
  }

  /** Nothing comes through any more, in these directions; not that a connection is gone, either. */
  hold(directions: readonly Direction[]): void {
    for (const direction of directions) this.#roads[direction].gate ??= Promise.withResolvers();
  }

  /** One side loses what is connected; the other is told nothing, and goes on believing. True if anything was. */
  halfOpen(believer: "client" | "server"): boolean {
    for (const link of this.#links) link.halfOpen(believer);
    return this.#links.size > 0;
  }

  heal(): void {
    this.#isUnreachable = false;
    for (const road of Object.values(this.#roads)) {
      road.delayMs = 0;
      road.gate?.resolve();
      road.gate = null;
    }
    for (const link of this.#links) if (link.isHalfOpen) link.cut();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.heal();
    for (const link of this.#links) link.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    // Refused at once: to dial a port where nobody listens may end in a connection with oneself.
    const port = this.#port();
    if (port === null || this.#isUnreachable) {
      client.on("error", () => {});
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    const link = new Link(client, server, (direction) => this.#pass(direction));
    this.#links.add(link);
    void link.gone.then(() => this.#links.delete(link));
  }

  async #pass(direction: Direction): Promise<void> {
    const road = this.#roads[direction];
    while (road.gate !== null) await road.gate.promise;
    if (road.delayMs > 0) await sleep(this.#random.next() * road.delayMs);
  }
}

interface Road {
  delayMs: number;
  gate: PromiseWithResolvers<void> | null;
}

function openRoad(): Road {
  return { delayMs: 0, gate: null };
}

/** Two sockets, and what is on its way between them. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly gone: Promise<unknown>;
  isHalfOpen = false;

  constructor(client: Socket, server: Socket, pass: (direction: Direction) => Promise<void>) {
    this.#client = client;
    this.#server = server;
    this.#forward(client, server, () => pass("to-server"));
    this.#forward(server, client, () => pass("to-client"));
    const closed = (socket: Socket): Promise<void> =>
      new Promise((resolve) => socket.once("close", () => resolve()));
    this.gone = Promise.all([closed(client), closed(server)]);
  }

  cut(): void {
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }

  halfOpen(believer: "client" | "server"): void {
    this.isHalfOpen = true;
    (believer === "client" ? this.#server : this.#client).destroy();
  }

  /** Everything in its order, its end too. */
  #forward(from: Socket, to: Socket, pass: () => Promise<void>): void {
    let tail = Promise.resolve();
    const then = (run: () => void): void => {
      tail = tail.then(pass).then(() => {
        if (!this.isHalfOpen) run();
      });
    };
    from.on("data", (bytes) => then(() => to.write(bytes)));
    from.on("end", () => then(() => to.end()));
    from.on("close", () => then(() => to.destroySoon()));
    from.on("error", () => {});
  }
}
