import type { Environment } from "./environment.ts";
import { PONG } from "./frames.ts";
import { startHeartbeat } from "./heartbeat.ts";

const PATIENCE_MS_MIN = 1_000;
const PATIENCE_MS_MAX = 10_000;

export interface WireEvents {
  readonly opened: () => void;
  readonly message: (data: unknown) => void;
  /** The server answered what was sent then, so it counts the session as heard no earlier. */
  readonly heard: (sentAtMs: number) => void;
  /** It could not be opened, or it closed, or is dead. Said once, and never after `discard`. */
  readonly gone: () => void;
}

/** One socket, from the attempt to open it until it is gone or discarded; after that it is never heard of again. */
export interface Wire {
  /**
   * What cannot be sent is lost as on any other dead socket, which is found out by its close or its silence.
   *
   * @throws the runtime's error where the socket may be open, but not for whoever sends.
   */
  readonly send: (text: string) => void;
  readonly discard: () => void;
}

/** @throws whatever the runtime throws at an address that is none. */
export function openWire(
  options: { environment: Environment; url: string; ttlMs: number },
  protocols: string[],
  events: WireEvents,
): Wire {
  const { environment, url, ttlMs } = options;
  const socket = environment.openSocket(url, protocols);
  const discard = (): void => {
    stop();
    // A socket that is still connecting cannot be closed everywhere: when it opens, it is closed then.
    socket.onopen = discard;
    socket.onmessage = socket.onclose = null;
    try {
      socket.close();
    } catch {
      // It is gone already, or not open yet.
    }
  };
  const gone = (): void => {
    discard();
    events.gone();
  };
  const send = (text: string): void => {
    try {
      socket.send(text);
    } catch {
      // Some runtimes throw where the standard says to drop it. A Worker's throws even at a look, if another request opened it.
      void socket.readyState;
    }
  };
  const patienceMs = Math.min(Math.max(ttlMs, PATIENCE_MS_MIN), PATIENCE_MS_MAX);
  let stop = environment.after(patienceMs, gone);
  let pong = (): void => {};
  socket.onopen = () => {
    stop();
    ({ pong, stop } = startHeartbeat(options, { send, heard: events.heard, dead: gone }));
    events.opened();
  };
  socket.onmessage = ({ data }) => {
    if (data === PONG) pong();
    else events.message(data);
  };
  socket.onclose = gone;
  socket.onerror = () => {};
  return { send, discard };
}
