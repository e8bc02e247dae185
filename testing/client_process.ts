import type { Environment, SocketLike } from "../sdk/environment.ts";
import type { VirtualClock } from "./clock.ts";
import { Link } from "./link.ts";
import type { Random } from "./random.ts";

export type Dial = (from: ClientProcess, url: string, protocols: readonly string[]) => SocketLike;

export interface ProcessParts {
  readonly name: string;
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly dial: Dial;
}

/** The process that a client runs in, as far as the SDK can tell. It can stand still, and it can die. */
export class ClientProcess {
  /** What operators call the client. */
  readonly name: string;
  readonly link: Link;
  readonly environment: Environment;
  #state: "running" | "paused" | "dead" = "running";
  /** What should have happened while it stood still. */
  #late: (() => void)[] = [];

  constructor({ name, clock, random, dial }: ProcessParts) {
    this.name = name;
    this.link = new Link(clock);
    this.environment = {
      nowMs: () => clock.nowMs,
      after: (delayMs, run) => this.#after(clock, delayMs, run),
      // Not `queueMicrotask`, which fake timers may have taken away.
      soon: (run) => void Promise.resolve().then(() => this.inside(run)),
      random: () => random.next(),
      newId: () => random.newId(),
      openSocket: (url, protocols) => dial(this, url, protocols),
    };
  }

  get isDead(): boolean {
    return this.#state === "dead";
  }

  /** Runs something in this process as soon as it runs, and never if it is dead. */
  inside(run: () => void): void {
    if (this.#state === "running") run();
    else if (this.#state === "paused") this.#late.push(run);
  }

  pause(): void {
    if (this.#state === "running") this.#state = "paused";
  }

  /** Everything comes late, in its order. */
  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "running";
    const late = this.#late.splice(0);
    for (const run of late) this.environment.after(0, run);
  }

  die(): void {
    this.#state = "dead";
    this.#late = [];
    this.link.hangUp();
  }

  #after(clock: VirtualClock, delayMs: number, run: () => void): () => void {
    let isOff = false;
    const cancel = clock.after(delayMs, () => {
      this.inside(() => {
        if (!isOff) run();
      });
    });
    return () => {
      isOff = true;
      cancel();
    };
  }
}
