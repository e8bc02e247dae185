import type { Environment, SocketLike } from "./environment.ts";

const PATIENCE_MS_MIN = 1_000;
const PATIENCE_MS_MAX = 10_000;

/** How long an attempt to connect may take. */
export function connectPatienceMs(ttlMs: number): number {
  return Math.min(Math.max(ttlMs, PATIENCE_MS_MIN), PATIENCE_MS_MAX);
}

export interface WireEvents {
  opened(): void;
  message(data: unknown): void;
  /** It could not be opened, or it closed. Said once, and never after `discard`. */
  gone(): void;
}

/** One socket, from the attempt to open it until it is gone or discarded; after that it is never heard of again. */
export class Wire {
  readonly #socket: SocketLike;
  readonly #cancelPatience: () => void;
  #discarded = false;

  /** @throws whatever the runtime throws at an address that is none. */
  constructor(
    environment: Environment,
    address: { url: string; protocols: string[]; patienceMs: number },
    events: WireEvents,
  ) {
    const socket = environment.openSocket(address.url, address.protocols);
    this.#socket = socket;
    const gone = (): void => {
      if (this.#discarded) return;
      this.discard();
      events.gone();
    };
    this.#cancelPatience = environment.after(address.patienceMs, gone);
    socket.onopen = () => {
      this.#cancelPatience();
      if (this.#discarded) this.discard();
      else events.opened();
    };
    socket.onmessage = ({ data }) => {
      if (!this.#discarded) events.message(data);
    };
    socket.onclose = gone;
    socket.onerror = () => {};
  }

  /** What cannot be sent is lost as on any other dead socket, which is found out by its close or its silence. */
  send(text: string): void {
    try {
      this.#socket.send(text);
    } catch {
      // Some runtimes throw where the standard says to drop it.
    }
  }

  /** A socket that is still connecting cannot be closed everywhere; when it opens, it finds that it is unwanted. */
  discard(): void {
    this.#discarded = true;
    this.#cancelPatience();
    try {
      this.#socket.close();
    } catch {
      // It is gone already, or not open yet.
    }
  }
}
