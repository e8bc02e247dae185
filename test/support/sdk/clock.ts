import { setImmediate } from "node:timers/promises";

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

const TIMERS_MAX = 100_000;

/** Lets everything that waits for no time and no message run to its end. A macrotask begins when no microtask is left. */
export async function settle(): Promise<void> {
  await setImmediate();
}

/** Time that passes only when a test says so. */
export class VirtualClock {
  nowMs = 1_000;
  readonly #timers = new Set<Timer>();

  get timersCount(): number {
    return this.#timers.size;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.nowMs + Math.max(delayMs, 0), run };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** So much time passes. Each timer runs at its moment, and what it sets going is done before the next one. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (let count = 0; ; count += 1) {
      if (count > TIMERS_MAX) throw new Error("The program spins: it sets timers without end.");
      await settle();
      const timer = this.#earliest();
      if (timer === null || timer.atMs > untilMs) break;
      this.#timers.delete(timer);
      this.nowMs = Math.max(this.nowMs, timer.atMs);
      timer.run();
    }
    this.nowMs = untilMs;
  }

  /** So much time passes while the program is frozen: no timer runs, and all are late when it goes on. */
  freeze(ms: number): void {
    this.nowMs += ms;
  }

  /** Timers of the same moment run in the order in which they were set. */
  #earliest(): Timer | null {
    let earliest: Timer | null = null;
    for (const timer of this.#timers) {
      if (earliest === null || timer.atMs < earliest.atMs) earliest = timer;
    }
    return earliest;
  }
}
