/** How many refusals a session remembers; one that asks for more at once, and loses the answers, is unheard of. */
const REFUSED_MAX = 1_024;

/** As it is kept in the session's row. */
export interface AppliedRecord {
  readonly through: number;
  readonly refused: readonly number[];
}

/**
 * Which of a session's requests that leave no claim behind have taken effect, so that a repeat takes none (LE5).
 * Ids only grow, so one number tells of all but those that were refused. A refusal is not written by itself: until
 * a later request has taken effect, a repeat of what was refused is above that number and judged anew anyway. Only a
 * later request that waits may take effect with no word from the client, after a restart too: while one does, what
 * is unwritten must be written.
 */
export class Applied {
  #through: number;
  readonly #refused: Set<number>;
  #isUnwritten = false;

  /** `record` is what the session's row says; a new session has none. */
  constructor(record?: AppliedRecord) {
    this.#through = record?.through ?? 0;
    this.#refused = new Set(record?.refused);
  }

  has(id: number): boolean {
    return id <= this.#through && !this.#refused.has(id);
  }

  took(id: number): void {
    this.#through = Math.max(this.#through, id);
    this.#refused.delete(id);
  }

  refused(id: number): void {
    this.#refused.add(id);
    this.#isUnwritten = true;
    if (this.#refused.size <= REFUSED_MAX) return;
    const [earliest] = this.#refused;
    if (earliest !== undefined) this.#refused.delete(earliest);
  }

  /** True while there are refusals that no session's row tells of. */
  get isUnwritten(): boolean {
    return this.#isUnwritten;
  }

  /** The record is about to be written. */
  written(): void {
    this.#isUnwritten = false;
  }

  get record(): AppliedRecord {
    return { through: this.#through, refused: [...this.#refused] };
  }
}
