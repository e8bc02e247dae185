import { clientOfAll, type Latchwork } from "../../../sdk/client.ts";
import type { Environment, SocketLike } from "../../../sdk/environment.ts";
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";

/** Its clock runs by so much too fast or too slow, at most (LE4). */
const SKEW_MAX = 0.045;

const LETTERS = "abcdefghijklmnopqrstuvwxyz012345".split("");

export interface ClientWorld {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly dial: Dial;
  readonly ttlMs: number;
}

export type Dial = (client: SimClient, url: string, protocols: string[]) => SocketLike;

/** A program with the real SDK in it. It can stand still, and it can die. */
export class SimClient {
  readonly name: string;
  #lw: Latchwork;
  readonly random: Random;
  state: "running" | "paused" | "dead" = "running";
  /** How often it has stood still so far. */
  pauses = 0;
  /** How often it has closed, and begun anew. */
  leaves = 0;
  /** Until then no connection comes about. */
  cutOffUntilMs = 0;
  /** The next connection is the last for a while. */
  isGasping = false;
  readonly #world: ClientWorld;
  readonly #timeline: Timeline;
  readonly #rate: number;
  readonly #base: number;
  /** Of what it has missed, so much it has not learnt yet. */
  #lateLeft = 0;
  /** What should have happened while it stood still. */
  #late: Record<"timer" | "message", (() => void)[]> = { timer: [], message: [] };

  constructor(name: string, world: ClientWorld) {
    this.name = name;
    this.#world = world;
    this.#timeline = world.timeline;
    this.random = world.random;
    this.#rate = 1 + (this.random.next() * 2 - 1) * SKEW_MAX;
    this.#base = world.timeline.nowMs;
    this.#lw = this.#connect();
  }

  /** True if it runs, and knows all that has come to it. */
  get isUpToDate(): boolean {
    return this.state === "running" && this.#lateLeft === 0;
  }

  get ttlMs(): number {
    return this.#world.ttlMs;
  }

  /** The world's time, not its own. */
  get nowMs(): number {
    return this.#timeline.nowMs;
  }

  get lw(): Latchwork {
    return this.#lw;
  }

  /** Runs something in this process, as soon as it runs. */
  inside(run: () => void, by: "timer" | "message" = "message"): void {
    if (this.state === "running") run();
    else if (this.state === "paused") this.#late[by].push(run);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#after(ms, resolve);
    });
  }

  pause(forMs: number): void {
    if (this.state !== "running") return;
    this.state = "paused";
    this.pauses += 1;
    this.#timeline.after(forMs, () => this.resume());
  }

  resume(): void {
    if (this.state !== "paused") return;
    this.state = "running";
    const { timer, message } = this.#late;
    this.#late = { timer: [], message: [] };
    // Timers before messages, or the other way round: either may be what the event loop finds first. Each in a
    // happening of its own, so that what one sets going is done before the next.
    const late = this.random.chance(0.5) ? [...timer, ...message] : [...message, ...timer];
    this.#lateLeft += late.length;
    for (const run of late) {
      this.#timeline.after(0, () => {
        this.#lateLeft -= 1;
        this.inside(run);
      });
    }
  }

  /** Closes in good order, and is there again at once as somebody new. */
  leave(): void {
    this.leaves += 1;
    void this.#lw.close();
    this.#lw = this.#connect();
  }

  die(): void {
    this.state = "dead";
    this.#late = { timer: [], message: [] };
  }

  #connect(): Latchwork {
    const { dial, ttlMs } = this.#world;
    return clientOfAll({
      environment: this.#environment(dial),
      base: "ws://sim",
      namespace: "default",
      client: this.name,
      ttlMs,
      token: () => undefined,
    });
  }

  #after(delayMs: number, run: () => void): () => void {
    let isOver = false;
    const cancel = this.#timeline.after(Math.max(0, delayMs) / this.#rate, () => {
      this.inside(() => {
        if (!isOver) run();
      }, "timer");
    });
    return () => {
      isOver = true;
      cancel();
    };
  }

  #environment(dial: Dial): Environment {
    return {
      nowMs: () => (this.#timeline.nowMs - this.#base) * this.#rate,
      after: (delayMs, run) => this.#after(delayMs, run),
      soon: (run) => queueMicrotask(run),
      random: () => this.random.next(),
      newId: () => Array.from({ length: 22 }, () => this.random.pick(LETTERS)).join(""),
      openSocket: (url, protocols) => dial(this, url, protocols),
    };
  }
}
