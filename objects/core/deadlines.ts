interface Entry<Item> {
  readonly item: Item;
  readonly atMs: number;
  index: number;
}

/** Items with a moment each, earliest first: a binary heap from which any item can be taken out in O(log n). */
export class Deadlines<Item extends object> {
  readonly #heap: Entry<Item>[] = [];
  readonly #entries = new Map<Item, Entry<Item>>();

  get size(): number {
    return this.#heap.length;
  }

  /** The earliest moment, or `null` when there is none. */
  get earliestMs(): number | null {
    return this.#heap[0]?.atMs ?? null;
  }

  set(item: Item, atMs: number): void {
    this.delete(item);
    const entry = { item, atMs, index: this.#heap.length };
    this.#entries.set(item, entry);
    this.#heap.push(entry);
    this.#rise(entry);
  }

  delete(item: Item): void {
    const entry = this.#entries.get(item);
    if (entry === undefined) return;
    this.#entries.delete(item);
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    this.#put(last, entry.index);
    this.#rise(last);
    this.#sink(last);
  }

  /** Takes out the earliest item that is due at `nowMs`; `null` when none is. */
  takeDue(nowMs: number): Item | null {
    const earliest = this.#heap[0];
    if (earliest === undefined || earliest.atMs > nowMs) return null;
    this.delete(earliest.item);
    return earliest.item;
  }

  #rise(entry: Entry<Item>): void {
    while (entry.index > 0) {
      const parent = this.#heap[(entry.index - 1) >> 1];
      if (parent === undefined || parent.atMs <= entry.atMs) return;
      this.#swap(parent, entry);
    }
  }

  #sink(entry: Entry<Item>): void {
    for (;;) {
      const left = this.#heap[2 * entry.index + 1];
      if (left === undefined) return;
      const right = this.#heap[2 * entry.index + 2];
      const child = right !== undefined && right.atMs < left.atMs ? right : left;
      if (child.atMs >= entry.atMs) return;
      this.#swap(entry, child);
    }
  }

  #swap(upper: Entry<Item>, lower: Entry<Item>): void {
    const { index } = upper;
    this.#put(upper, lower.index);
    this.#put(lower, index);
  }

  #put(entry: Entry<Item>, index: number): void {
    entry.index = index;
    this.#heap[index] = entry;
  }
}
