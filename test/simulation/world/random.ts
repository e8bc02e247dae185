/** Random numbers from a seed: the same seed, the same numbers, on every machine (splitmix32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to 1. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from `min` to `max`. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.int(0, items.length - 1)];
    if (item === undefined) throw new Error("There is nothing to pick from.");
    return item;
  }

  /** Short mostly, and now and then a great deal longer: as delays are. */
  delayMs(usualMs: number): number {
    const stretch = this.chance(0.05) ? 20 : 1;
    return this.next() * usualMs * stretch;
  }

  /** The source of this name: it is the same whatever others there are, and nothing is drawn from this one. */
  named(name: string): Random {
    let hash = 2_166_136_261;
    for (let at = 0; at < name.length; at += 1) {
      hash = Math.imul(hash ^ name.charCodeAt(at), 16_777_619);
    }
    return new Random(this.#state ^ hash);
  }

  /** Another source, so that what is drawn here does not depend on how much is drawn there. */
  fork(): Random {
    return new Random(Math.floor(this.next() * 2 ** 32));
  }
}
