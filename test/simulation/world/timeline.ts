interface Happening {
  readonly atMs: number;
  readonly order: number;
  /** `null` once it was called off. */
  run: (() => void) | null;
}

/** The time of a simulated world: it passes only from one happening to the next. */
export class Timeline {
  nowMs = 0;
  happened = 0;
  /** A binary heap: the next happening first; of one moment, the one that was planned first. */
  readonly #heap: Happening[] = [];
  #planned = 0;

  at(atMs: number, run: () => void): () => void {
    this.#planned += 1;
    const happening: Happening = { atMs: Math.max(atMs, this.nowMs), order: this.#planned, run };
    this.#push(happening);
    return () => {
      happening.run = null;
    };
  }

  after(delayMs: number, run: () => void): () => void {
    return this.at(this.nowMs + Math.max(0, delayMs), run);
  }

  /** Runs what is planned, one after the other, until `isOver`, or until nothing is planned up to `untilMs`. */
  async run(untilMs: number, isOver: () => boolean = () => false): Promise<void> {
    // What was begun before may not have planned anything yet.
    await settled();
    while (!isOver()) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > untilMs) {
        this.nowMs = Math.max(this.nowMs, untilMs);
        return;
      }
      this.#pop();
      if (next.run === null) continue;
      this.nowMs = next.atMs;
      this.happened += 1;
      next.run();
      await settled();
    }
  }

  #push(happening: Happening): void {
    const heap = this.#heap;
    let at = heap.push(happening) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(happening, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = happening;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      if (left === undefined) break;
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (!isBefore(child, last)) break;
      heap[at] = child;
      at = 2 * at + (isRight ? 2 : 1);
    }
    heap[at] = last;
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** When no microtask is left: what the last happening set going has come to rest. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
