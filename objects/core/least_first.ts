interface Entry<Item> {
  readonly item: Item;
  readonly key: number;
  index: number;
}

/** Items with a number each, the least first: a binary heap from which any item can be taken out in O(log n). */
export class LeastFirst<Item extends object> {
  readonly #heap: Entry<Item>[] = [];
  readonly #entries = new Map<Item, Entry<Item>>();

  get size(): number {
    return this.#heap.length;
  }

  get least(): Item | null {
    return this.#heap[0]?.item ?? null;
  }

  get leastKey(): number | null {
    return this.#heap[0]?.key ?? null;
  }

  has(item: Item): boolean {
    return this.#entries.has(item);
  }

  /** Another takes the item's place, with its number. */
  replace(item: Item, by: Item): void {
    const entry = this.#entries.get(item);
    if (entry === undefined) return;
    this.delete(item);
    this.set(by, entry.key);
  }

  set(item: Item, key: number): void {
    this.delete(item);
    const entry = { item, key, index: this.#heap.length };
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

  /** Takes out the least item, unless its number is greater than `key`; `null` then. */
  takeUpTo(key: number): Item | null {
    const least = this.#heap[0];
    if (least === undefined || least.key > key) return null;
    this.delete(least.item);
    return least.item;
  }

  #rise(entry: Entry<Item>): void {
    while (entry.index > 0) {
      const parent = this.#heap[(entry.index - 1) >> 1];
      if (parent === undefined || parent.key <= entry.key) return;
      this.#swap(parent, entry);
    }
  }

  #sink(entry: Entry<Item>): void {
    for (;;) {
      const left = this.#heap[2 * entry.index + 1];
      if (left === undefined) return;
      const right = this.#heap[2 * entry.index + 2];
      const child = right !== undefined && right.key < left.key ? right : left;
      if (child.key >= entry.key) return;
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
