import type { Environment } from "./environment.ts";
import { PING } from "./frames.ts";

const INTERVAL_MS_MAX = 15_000;
const PATIENCE_MS_MAX = 5_000;

export interface HeartbeatEvents {
  readonly send: (text: string) => void;
  /** The server answered what was sent then, so it counts the session as heard no earlier. */
  readonly heard: (sentAtMs: number) => void;
  readonly dead: () => void;
}

export interface Heartbeat {
  readonly pong: () => void;
  readonly stop: () => void;
}

/**
 * Keeps a session heard. The server's platform answers pings while the object sleeps; a socket that leaves one
 * unanswered for too long is dead, whatever it says of itself.
 */
export function startHeartbeat(
  { environment, ttlMs }: { environment: Environment; ttlMs: number },
  events: HeartbeatEvents,
): Heartbeat {
  /** Of the ping that has no pong yet. There is never a second, so a pong cannot be taken for that of another. */
  let sentAtMs: number | null = null;
  let cancelPing = (): void => {};
  let cancelDeath = (): void => {};
  const schedule = (): void => {
    cancelPing = environment.after(Math.min(ttlMs / 4, INTERVAL_MS_MAX), () => {
      if (sentAtMs === null) {
        sentAtMs = environment.nowMs();
        cancelDeath = environment.after(Math.min(ttlMs / 4, PATIENCE_MS_MAX), events.dead);
        events.send(PING);
      }
      schedule();
    });
  };
  schedule();
  return {
    pong: () => {
      if (sentAtMs === null) return;
      cancelDeath();
      events.heard(sentAtMs);
      sentAtMs = null;
    },
    stop: () => {
      cancelPing();
      cancelDeath();
    },
  };
}
