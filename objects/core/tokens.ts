/**
 * Fencing tokens: each greater than every one before it (LE2). They follow the clock, so that they keep growing
 * even when storage was wiped or rewound, and they never fall when the clock does.
 */
export class Tokens {
  #last: number;

  /** `last` is the greatest token that storage remembers; 0 for a new name. */
  constructor(last: number) {
    this.#last = last;
  }

  next(nowMs: number): number {
    this.#last = Math.max(this.#last + 1, Math.floor(nowMs) * 1_000);
    return this.#last;
  }
}
