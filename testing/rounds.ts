/** Later rounds of the runtime's event loop. Each round begins when no microtask is left of the one before. */
export interface Rounds {
  /** One more round. */
  next(): void;
  /** No more will be asked for; until then the runtime is kept alive. */
  end(): void;
}

// eslint-disable-next-line no-restricted-globals -- Kept from before a test could put a fake one in its place.
const realTimeout = globalThis.setTimeout;

/**
 * Calls `run` once for every `next`. By messages, since fake timers stop every timer and leave messages alone; by a
 * timer where the runtime has none.
 */
export function openRounds(run: () => void): Rounds {
  if (typeof MessageChannel === "undefined") {
    return { next: () => void realTimeout(run, 0), end: () => {} };
  }
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = run;
  return { next: () => port2.postMessage(null), end: () => port1.close() };
}
