import { base64Url } from "./base64url.ts";
import { TIMEOUT_MS_MAX } from "./bounds.ts";

/** What the SDK needs of the runtime it runs in. A simulator can be the runtime. */
export interface Environment {
  /** Milliseconds on a clock that never jumps. */
  nowMs(): number;
  /** Runs something after a delay, in milliseconds; the returned function calls it off. */
  after(delayMs: number, run: () => void): () => void;
  /** Runs something when the current task is done, before any timer or message. */
  soon(run: () => void): void;
  /** A number from 0 up to 1. */
  random(): number;
  /** A fresh 128-bit identifier, in base64url. */
  newId(): string;
  openSocket(url: string, protocols: string[]): SocketLike;
}

/** The part of the standard `WebSocket` that the SDK uses. */
export interface SocketLike {
  readonly readyState?: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** A `WebSocket` constructor: the runtime's own, or that of a package. */
export type SocketConstructor = new (
  url: string,
  protocols: string[],
) => {
  // Each runtime has events of its own: a handler's parameter could be any of them.
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
};

export function runtimeEnvironment(WebSocket: SocketConstructor): Environment {
  return {
    nowMs: () => performance.now(),
    after(delayMs, run) {
      const timer = setTimeout(run, Math.min(Math.max(delayMs, 0), TIMEOUT_MS_MAX));
      return () => clearTimeout(timer);
    },
    soon: (run) => queueMicrotask(run),
    random: () => Math.random(),
    newId: () => base64Url(crypto.getRandomValues(new Uint8Array(16))),
    openSocket: (url, protocols) => new WebSocket(url, protocols) as SocketLike,
  };
}
