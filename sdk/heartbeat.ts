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
  readonly #ttlMs: number;
  readonly #events: HeartbeatEvents;
  /** Of the ping that has no pong yet. There is never a second, so a pong cannot be taken for that of another. */
  #sentAtMs: number | null = null;
  #cancelPing = (): void => {};
  #cancelDeath = (): void => {};

  constructor(
    { environment, ttlMs }: { environment: Environment; ttlMs: number },
    events: HeartbeatEvents,
  ) {
    this.#environment = environment;
    this.#ttlMs = ttlMs;
    this.#events = events;
  }

  start(socket: { send(text: string): void }): void {
    this.#sentAtMs = null;
    this.#schedule(socket);
  }

  pong(): void {
    const sentAtMs = this.#sentAtMs;
    if (sentAtMs === null) return;
    this.#sentAtMs = null;
    this.#cancelDeath();
    this.#events.heard(sentAtMs);
  }

  stop(): void {
    this.#cancelPing();
    this.#cancelDeath();
  }

  #schedule(socket: { send(text: string): void }): void {
    const environment = this.#environment;
    this.#cancelPing = environment.after(Math.min(this.#ttlMs / 4, INTERVAL_MS_MAX), () => {
      if (this.#sentAtMs === null) {
        this.#sentAtMs = environment.nowMs();
        const patienceMs = Math.min(this.#ttlMs / 4, PATIENCE_MS_MAX);
        this.#cancelDeath = environment.after(patienceMs, this.#events.dead);
        socket.send(PING);
      }
      this.#schedule(socket);
    });
  }
}
