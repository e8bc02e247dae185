import type { Environment } from "./environment.ts";
import { PING } from "./frames.ts";

const INTERVAL_MS_MAX = 15_000;
const PATIENCE_MS_MAX = 5_000;

export interface HeartbeatEvents {
  /** The server answered what was sent then, so it counts the session as heard no earlier. */
  readonly heard: (sentAtMs: number) => void;
  readonly dead: () => void;
}

/**
 * Keeps a session heard. The server's platform answers pings while the object sleeps; a socket that leaves one
 * unanswered for too long is dead, whatever it says of itself.
 */
export class Heartbeat {
  readonly #environment: Environment;
  readonly #intervalMs: number;
  readonly #patienceMs: number;
  readonly #events: HeartbeatEvents;
  #sentAtMs: number[] = [];
  #cancelPing = (): void => {};
  #cancelDeath = (): void => {};

  constructor(environment: Environment, { ttlMs }: { ttlMs: number }, events: HeartbeatEvents) {
    this.#environment = environment;
    this.#intervalMs = Math.min(ttlMs / 4, INTERVAL_MS_MAX);
    this.#patienceMs = Math.min(ttlMs / 4, PATIENCE_MS_MAX);
    this.#events = events;
  }

  start(socket: { send(text: string): void }): void {
    this.#sentAtMs = [];
    this.#schedule(socket);
  }

  /** A pong answers the oldest ping that has none yet. */
  pong(): void {
    const sentAtMs = this.#sentAtMs.shift();
    if (sentAtMs === undefined) return;
    this.#cancelDeath();
    if (this.#sentAtMs.length > 0) this.#expectPong();
    this.#events.heard(sentAtMs);
  }

  stop(): void {
    this.#cancelPing();
    this.#cancelDeath();
  }

  #schedule(socket: { send(text: string): void }): void {
    this.#cancelPing = this.#environment.after(this.#intervalMs, () => {
      this.#sentAtMs.push(this.#environment.nowMs());
      if (this.#sentAtMs.length === 1) this.#expectPong();
      socket.send(PING);
      this.#schedule(socket);
    });
  }

  #expectPong(): void {
    this.#cancelDeath = this.#environment.after(this.#patienceMs, this.#events.dead);
  }
}
