import { invariant } from "./invariant.ts";

interface Place<Waiter> {
  waiter: Waiter;
  previous: Place<Waiter> | null;
  next: Place<Waiter> | null;
}

/** Who waits, in the order of arrival (W1). Joining, leaving from anywhere and looking at the first are O(1). */
export class WaitQueue<Waiter extends object> {
  readonly #places = new Map<Waiter, Place<Waiter>>();
  #first: Place<Waiter> | null = null;
  #last: Place<Waiter> | null = null;

  get size(): number {
    return this.#places.size;
  }

  first(): Waiter | null {
    return this.#first === null ? null : this.#first.waiter;
  }

  join(waiter: Waiter): void {
    invariant(!this.#places.has(waiter), "nobody waits twice in one line");
    const place: Place<Waiter> = { waiter, previous: this.#last, next: null };
    if (this.#last === null) this.#first = place;
    else this.#last.next = place;
    this.#last = place;
    this.#places.set(waiter, place);
  }

  /** True if the waiter was in line, and now is not. */
  leave(waiter: Waiter): boolean {
    const place = this.#places.get(waiter);
    if (place === undefined) return false;
    if (place.previous === null) this.#first = place.next;
    else place.previous.next = place.next;
    if (place.next === null) this.#last = place.previous;
    else place.next.previous = place.previous;
    this.#places.delete(waiter);
    return true;
  }

  clear(): void {
    this.#places.clear();
    this.#first = null;
    this.#last = null;
  }

  /** Another stands where the waiter stood. */
  replace(waiter: Waiter, by: Waiter): void {
    const place = this.#places.get(waiter);
    if (place === undefined) return;
    place.waiter = by;
    this.#places.delete(waiter);
    this.#places.set(by, place);
  }

  *[Symbol.iterator](): Generator<Waiter> {
    for (let place = this.#first; place !== null; place = place.next) yield place.waiter;
  }
}
