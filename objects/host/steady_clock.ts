import type { Clock } from "./ports.ts";

/** The wall clock, but never running backwards while the object is awake. */
export class SteadyClock implements Clock {
  readonly #wallMs: () => number;
  #lastMs = 0;

  constructor(wallMs: () => number) {
    this.#wallMs = wallMs;
  }

  nowMs(): number {
    this.#lastMs = Math.max(this.#lastMs, this.#wallMs());
    return this.#lastMs;
  }

  /**
   * When something happened by this clock that happened at `wallMs` by the wall's. If the wall clock has been set
   * back since, nobody can know; then it counts as now, so that nobody's time is up too early (LE1).
   */
  since(wallMs: number): number {
    const ageMs = Math.max(0, this.#wallMs() - wallMs);
    return this.nowMs() - ageMs;
  }
}
