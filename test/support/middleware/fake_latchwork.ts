import {
  ConnectionLostError,
  LeaseLostError,
  NotOwnerError,
  TimeoutError,
  type Latchwork,
  type Lease,
  type WaitOptions,
} from "../../../sdk/index.ts";

/** What a call meets instead of an answer: this error, or silence for ever. */
export type Fate = Error | "silence" | undefined;

/** A Latchwork without a server or a clock: who waits, waits until it is granted, aborted or told that time is up. */
export class FakeLatchwork {
  readonly lines = new Map<string, FakeLine>();
  readonly events = new Set<string>();
  /** Every call, such as `lock(a).acquire`. */
  readonly calls: string[] = [];
  /** Decides what a call meets; `after` calls have had their effect, and only their answer is lost. */
  meets: (call: string) => Fate | { after: Error } = () => undefined;
  closed = 0;
  #lastToken = 0;

  get client(): Latchwork {
    return {
      lock: (name: string) => this.#held(`lock(${name})`, 1),
      limiter: (name: string, config?: object) => this.#limiter(name, config),
      event: (name: string) => this.#event(name),
      close: () => {
        this.closed += 1;
        return Promise.resolve();
      },
    } as unknown as Latchwork;
  }

  line(what: string): FakeLine {
    const line = this.lines.get(what) ?? new FakeLine(() => (this.#lastToken += 1));
    this.lines.set(what, line);
    return line;
  }

  /** How many hold something, of any name. */
  get held(): number {
    return [...this.lines.values()].reduce((sum, { holders }) => sum + holders.size, 0);
  }

  #held(what: string, total: number): object {
    const line = this.line(what);
    if (what.startsWith("lock")) line.total = total;
    return {
      acquire: (wait: WaitOptions) =>
        this.#call(`${what}.acquire`, () => line.acquire(wait), wait.signal),
    };
  }

  #limiter(name: string, config: object | undefined): object {
    const what = `limiter(${name})`;
    const line = this.line(what);
    line.config ??= JSON.stringify(config);
    return {
      ...this.#held(what, 0),
      setTotalTokens: (total: number) =>
        this.#call(`${what}.setTotalTokens ${total}`, () => {
          if (line.config !== JSON.stringify(config)) throw new Error("configured otherwise");
          line.total = total;
          line.flow();
        }),
    };
  }

  #event(name: string): object {
    const what = `event(${name})`;
    return {
      isSet: () => this.#call(`${what}.isSet`, () => this.events.has(name)),
      set: () => this.#call(`${what}.set`, () => void this.events.add(name)),
      clear: () => this.#call(`${what}.clear`, () => void this.events.delete(name)),
    };
  }

  async #call<Value>(
    call: string,
    effect: () => Value | Promise<Value>,
    signal?: AbortSignal,
  ): Promise<Value> {
    this.calls.push(call);
    const fate = this.meets(call);
    if (fate instanceof Error) throw fate;
    if (fate === "silence") return silence(signal);
    const value = await effect();
    if (fate !== undefined) throw fate.after;
    return value;
  }
}

function silence(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason as Error));
  });
}

interface Waiter {
  readonly grant: (lease: FakeLease) => void;
  readonly fail: (error: Error) => void;
}

class FakeLine {
  total = 0;
  config: string | undefined;
  readonly holders = new Set<FakeLease>();
  readonly waiters = new Set<Waiter>();
  readonly #nextToken: () => number;

  constructor(nextToken: () => number) {
    this.#nextToken = nextToken;
  }

  acquire({ timeoutMs, signal }: WaitOptions): Promise<Lease> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const waiter = { grant: resolve, fail: reject };
      signal?.addEventListener("abort", () => {
        if (this.waiters.delete(waiter)) reject(signal.reason as Error);
      });
      this.waiters.add(waiter);
      this.flow();
      if (timeoutMs === 0) this.timeUp(waiter);
    });
  }

  timeUp(...waiters: Waiter[]): void {
    for (const waiter of waiters.length === 0 ? [...this.waiters] : waiters) {
      if (this.waiters.delete(waiter)) waiter.fail(new TimeoutError("It was not to be had."));
    }
  }

  flow(): void {
    for (const waiter of this.waiters) {
      if (this.holders.size >= this.total) return;
      this.waiters.delete(waiter);
      const lease = new FakeLease(this.#nextToken(), this);
      this.holders.add(lease);
      waiter.grant(lease);
    }
  }

  /** Everything that is held is lost, and may be held by others. */
  lose(): void {
    for (const lease of this.holders) lease.lose();
    this.flow();
  }
}

export class FakeLease implements Lease {
  readonly token: number;
  readonly #line: FakeLine;
  readonly #controller = new AbortController();

  constructor(token: number, line: FakeLine) {
    this.token = token;
    this.#line = line;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  // oxlint-disable-next-line typescript/require-await -- it rejects as the real one does
  async release(): Promise<void> {
    if (this.signal.aborted) throw new NotOwnerError("It was lost before.");
    this.#line.holders.delete(this);
    this.#line.flow();
  }

  lose(): void {
    this.#line.holders.delete(this);
    this.#controller.abort(new LeaseLostError("It is lost.", { reason: "expired" }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

export const LOST = new ConnectionLostError("The server is away.");
