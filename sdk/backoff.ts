import type { Environment } from "./environment.ts";

const FIRST_MS = 50;
const LONGEST_MS = 2_000;

/** How long to wait before the next attempt: doubling, and drawn from the whole range, so that a crowd spreads out. */
export class Backoff {
  readonly #environment: Environment;
  readonly #longestMs: number;
  #failures = 0;
  #atLeastMs = 0;

  constructor(environment: Environment, { ttlMs }: { ttlMs: number }) {
    this.#environment = environment;
    this.#longestMs = Math.min(LONGEST_MS, ttlMs / 4);
  }

  nextMs(): number {
    const rangeMs = Math.min(this.#longestMs, FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    const delayMs = this.#atLeastMs + this.#environment.random() * rangeMs;
    this.#atLeastMs = 0;
    return delayMs;
  }

  /** The server asked to be left alone for so long. */
  stayAway(delayMs: number): void {
    this.#atLeastMs = delayMs;
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
