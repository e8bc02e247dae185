import type { VirtualClock } from "./clock.ts";

type Direction = "up" | "down";

/** What hangs on a link. */
export interface LinkSocket {
  /** The link is cut: both ends are told. */
  sever(): void;
  /** The client's process is gone: the server is told, as soon as anything comes through. */
  orphan(): void;
}

/** The way between one client's process and the server. Each direction keeps its order; nothing overtakes. */
export class Link {
  readonly #clock: VirtualClock;
  readonly #onTheWay: Readonly<Record<Direction, (() => void)[]>> = { up: [], down: [] };
  readonly #sockets = new Set<LinkSocket>();
  #state: "up" | "silent" | "cut" = "up";
  #delayMs = 0;
  /** Which departures count: what was on its way when the link fell silent departs anew. */
  #era = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  get isCut(): boolean {
    return this.#state === "cut";
  }

  add(socket: LinkSocket): void {
    this.#sockets.add(socket);
  }

  remove(socket: LinkSocket): void {
    this.#sockets.delete(socket);
  }

  /** Something is on its way, and `arrive` runs when it has come. */
  travel(direction: Direction, arrive: () => void): void {
    if (this.#state === "cut") return;
    this.#onTheWay[direction].push(arrive);
    if (this.#state === "up") this.#depart(direction);
  }

  /** What is on its way is lost, both ends are told, and nothing new comes about. */
  cut(): void {
    this.#state = "cut";
    this.#era += 1;
    this.#onTheWay.up.length = 0;
    this.#onTheWay.down.length = 0;
    for (const socket of this.#sockets) socket.sever();
    this.#sockets.clear();
  }

  /** What is on its way, or sent from now on, stands still; nobody is told. */
  silence(): void {
    if (this.#state === "cut") return;
    this.#state = "silent";
    this.#era += 1;
  }

  /** The client's process is gone; its operating system closes what it had open. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.orphan();
  }

  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** As it was at first. What stood still arrives now. */
  restore(): void {
    const wasSilent = this.#state === "silent";
    this.#state = "up";
    this.#delayMs = 0;
    if (!wasSilent) return;
    for (const direction of ["up", "down"] as const) {
      for (const _ of this.#onTheWay[direction]) this.#depart(direction);
    }
  }

  #depart(direction: Direction): void {
    const era = this.#era;
    this.#clock.after(this.#delayMs, () => {
      // Whichever departure comes first brings what was sent first.
      if (era === this.#era) this.#onTheWay[direction].shift()?.();
    });
  }
}
