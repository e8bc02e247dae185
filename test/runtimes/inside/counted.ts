/** The runtime's own `WebSocket`, counted. */
export class CountedWebSocket extends WebSocket {
  static opened = 0;
  static open = 0;

  constructor(url: string, protocols: string[]) {
    super(url, protocols);
    CountedWebSocket.opened += 1;
    CountedWebSocket.open += 1;
    this.addEventListener("close", () => (CountedWebSocket.open -= 1));
  }
}

/** Counts the timers that are pending, as long as it is in scope. */
export class Timers implements Disposable {
  readonly #pending = new Set<unknown>();
  readonly #original = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };

  constructor() {
    const { setTimeout, clearTimeout } = this.#original;
    const counted = (run: () => void, delayMs?: number): unknown => {
      const timer: unknown = setTimeout(() => {
        this.#pending.delete(timer);
        run();
      }, delayMs);
      this.#pending.add(timer);
      return timer;
    };
    const uncounted = (timer: Parameters<typeof clearTimeout>[0]): void => {
      this.#pending.delete(timer);
      clearTimeout(timer);
    };
    Object.assign(globalThis, { setTimeout: counted, clearTimeout: uncounted });
  }

  get pending(): number {
    return this.#pending.size;
  }

  [Symbol.dispose](): void {
    Object.assign(globalThis, this.#original);
  }
}
