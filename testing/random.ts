const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** So many letters of base64url are 128 bits and a little. */
const ID_LETTERS = 22;

/** Random numbers and ids from a seed: the same seed, the same numbers, on every machine (mulberry32). */
export class Random {
  #state: number;

  /** `stream` tells the sources of one seed apart: what is drawn from one does not depend on the others. */
  constructor(seed: number, stream = 0) {
    this.#state = (seed ^ Math.imul(stream, 0x9e3779b9)) | 0;
  }

  /** From 0 up to 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  newId(): string {
    const letter = (): string => LETTERS.charAt(Math.floor(this.next() * LETTERS.length));
    return Array.from({ length: ID_LETTERS }, letter).join("");
  }
}
