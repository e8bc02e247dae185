import type { Environment } from "./environment.ts";

const PATIENCE_MS_MIN = 1_000;
const PATIENCE_MS_MAX = 10_000;

export interface WireEvents {
  opened(): void;
  message(data: unknown): void;
  /** It could not be opened, or it closed. Said once, and never after `discard`. */
  gone(): void;
}

/** One socket, from the attempt to open it until it is gone or discarded; after that it is never heard of again. */
export interface Wire {
  /** What cannot be sent is lost as on any other dead socket, which is found out by its close or its silence. */
  send(text: string): void;
  discard(): void;
}

/** @throws whatever the runtime throws at an address that is none. */
export function openWire(
  { environment, url, ttlMs }: { environment: Environment; url: string; ttlMs: number },
  protocols: string[],
  events: WireEvents,
): Wire {
  const socket = environment.openSocket(url, protocols);
  let isDiscarded = false;
  const discard = (): void => {
    isDiscarded = true;
    cancelPatience();
    try {
      socket.close();
    } catch {
      // It is gone already, or not open yet.
    }
  };
  const gone = (): void => {
    if (isDiscarded) return;
    discard();
    events.gone();
  };
  const patienceMs = Math.min(Math.max(ttlMs, PATIENCE_MS_MIN), PATIENCE_MS_MAX);
  const cancelPatience = environment.after(patienceMs, gone);
  socket.onopen = () => {
    cancelPatience();
    // A socket that is still connecting cannot be closed everywhere: when it opens, it finds that it is unwanted.
    if (isDiscarded) discard();
    else events.opened();
  };
  socket.onmessage = ({ data }) => {
    if (!isDiscarded) events.message(data);
  };
  socket.onclose = gone;
  socket.onerror = () => {};
  return {
    discard,
    send: (text) => {
      try {
        socket.send(text);
      } catch {
        // Some runtimes throw where the standard says to drop it.
      }
    },
  };
}
