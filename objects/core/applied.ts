/** How many refusals a session remembers; one that asks for more at once, and loses the answers, is unheard of. */
const REFUSED_MAX = 1_024;
/** How often it may have forgotten refusals, and still knows between which ids they were. */
const GAPS_MAX = 256;

/** From an id to another, both included. */
type Gap = readonly [from: number, to: number];

/** As it is kept in the session's row. */
export interface AppliedRecord {
  readonly through: number;
  readonly refused: readonly (number | Gap)[];
}

/**
 * Which of a session's requests that leave no claim behind have taken effect, so that a repeat takes none (LE5).
 * Ids only grow, so one number tells of all but those that were refused. A refusal is not written by itself, and is
 * forgotten in a crash or a hibernation. But what is above the number when the session is read again has not taken
 * effect: where a later request raises the number, what it leaves out is remembered.
 */
export class Applied {
  #through: number;
  readonly #refused = new Set<number>();
  #gaps: Gap[] = [];
  /** Nothing that came since it was read has raised the number yet. */
  #mayHaveForgotten: boolean;
  /** The greatest id of those that waited when it was read: they take effect with no word from the client. */
  #waitedUpTo = 0;

  /** `record` is what the session's row says; a new session has none. */
  constructor(record?: AppliedRecord) {
    this.#through = record?.through ?? 0;
    for (const each of record?.refused ?? []) {
      if (typeof each === "number") this.#refused.add(each);
      else this.#gaps.push(each);
    }
    this.#mayHaveForgotten = record !== undefined;
  }

  /** The greatest id that has taken effect. */
  get through(): number {
    return this.#through;
  }

  /** True unless it is known to have been refused. */
  has(id: number): boolean {
    return id <= this.#through && !this.#refused.has(id);
  }

  /** True if it changed nothing, and so was refused, or answered all the same. */
  leftOut(id: number): boolean {
    return this.#gaps.some(holds(id));
  }

  /** It was read with a request that waits. */
  waits(id: number): void {
    this.#waitedUpTo = Math.max(this.#waitedUpTo, id);
  }

  took(id: number): void {
    if (id > this.#through) {
      const waited = id <= this.#waitedUpTo;
      if (waited || this.#mayHaveForgotten) this.#leaveOut(this.#through + 1, id - 1);
      this.#mayHaveForgotten &&= waited;
      this.#through = id;
    }
    this.#refused.delete(id);
    const split = this.#gaps.find(holds(id));
    if (split === undefined) return;
    this.#gaps = this.#gaps.filter((gap) => gap !== split);
    this.#leaveOut(split[0], id - 1);
    this.#leaveOut(id + 1, split[1]);
  }

  refused(id: number): void {
    this.#refused.add(id);
    if (this.#refused.size <= REFUSED_MAX) return;
    const [earliest] = this.#refused;
    if (earliest !== undefined) this.#refused.delete(earliest);
  }

  get record(): AppliedRecord {
    return { through: this.#through, refused: [...this.#gaps, ...this.#refused] };
  }

  #leaveOut(from: number, to: number): void {
    if (from > to) return;
    this.#gaps = [...this.#gaps, [from, to] as const].slice(-GAPS_MAX);
  }
}

function holds(id: number): (gap: Gap) => boolean {
  return ([from, to]) => from <= id && id <= to;
}
