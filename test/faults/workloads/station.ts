import { setTimeout as sleep } from "node:timers/promises";
import {
  connect,
  ConnectionLostError,
  LeaseLostError,
  NotOwnerError,
  TimeoutError,
  type Latchwork,
  type Lease,
  type WaitOptions,
} from "../../../sdk/index.ts";
import { Random } from "../../simulation/world/random.ts";
import type { Answer, Order, Place, Question, Report, Role } from "../reports.ts";

type ErrorClass = abstract new (...parts: never[]) => Error;

/** Whatever the world does, a call can end like this. */
const ALWAYS: readonly ErrorClass[] = [
  TimeoutError,
  LeaseLostError,
  NotOwnerError,
  ConnectionLostError,
];

/** Thrown by a wait that was aborted. */
export class Aborted extends Error {}

/** How often the event loop looks whether it stood still, and from when on that is told. */
const LOOK_MS = 20;
const STALL_MS = 60;
const ALIVE_MS = 250;

/** One client process: its client, what it tells its parent, and what it is told. */
export class Station {
  readonly role: Role;
  readonly random: Random;
  readonly latchwork: Latchwork;
  readonly #over = new AbortController();
  readonly #asked = new Map<number, (answer: Answer) => void>();
  readonly #pending = new Map<number, string>();
  #operations = 0;
  #turns = 0;
  #asks = 0;
  #lingersUntilMs = 0;
  #restsUntilMs = 0;
  isCalm = false;

  constructor(role: Role) {
    this.role = role;
    this.random = new Random(role.seed);
    const { url, name, ttlMs } = role;
    this.latchwork = connect(url, { client: name, sessionTtlMs: ttlMs });
    process.on("message", (text) => this.#obey(JSON.parse(String(text)) as Order));
    // Nobody is left to report to.
    process.on("disconnect", () => process.exit());
    this.#watchLoop();
    setInterval(() => void this.say(this.#alive), ALIVE_MS).unref();
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  get isResting(): boolean {
    return performance.now() < this.#restsUntilMs;
  }

  /** Runs something when all is to come to an end, now if it is; the returned function calls it off. */
  onceOver(run: () => void): () => void {
    const { signal } = this.#over;
    if (signal.aborted) run();
    signal.addEventListener("abort", run, { once: true });
    return () => signal.removeEventListener("abort", run);
  }

  /** Resolves when it has left this process: what was said so is heard, though this process be killed at once. */
  say(report: Report): Promise<void> {
    return new Promise((resolve) => {
      process.send?.(report, undefined, undefined, () => resolve());
    });
  }

  ask(question: Question): Promise<Answer> {
    this.#asks += 1;
    const ask = this.#asks;
    return new Promise((resolve) => {
      this.#asked.set(ask, resolve);
      void this.say({ what: "asks", ask, question });
    });
  }

  /** Does something that may fail in the ways that a world like this explains. */
  async attempt<Value>(
    operation: string,
    run: () => Promise<Value>,
    expected: readonly ErrorClass[] = [],
  ): Promise<{ readonly value: Value } | { readonly error: Error }> {
    this.#operations += 1;
    const number = this.#operations;
    this.#pending.set(number, operation);
    try {
      return { value: await run() };
    } catch (error) {
      const isExpected = [...ALWAYS, Aborted, ...expected].some((each) => error instanceof each);
      if (!isExpected) void this.say({ what: "failed", operation, error: String(error) });
      return { error: error as Error };
    } finally {
      this.#pending.delete(number);
    }
  }

  /** Waits for ever, for a while, until it is aborted, or not at all. */
  someWait(): WaitOptions {
    switch (this.random.int(0, 6)) {
      case 0:
        return { timeoutMs: Math.round(this.random.delayMs(300)) };
      case 1:
        return { timeoutMs: 0 };
      case 2: {
        const controller = new AbortController();
        void this.pause(300).then(() => controller.abort(new Aborted("Given up.")));
        return { signal: controller.signal };
      }
      default:
        return {};
    }
  }

  pause(usualMs: number): Promise<void> {
    return sleep(this.random.delayMs(usualMs));
  }

  /** What is done while something is held: it takes a moment, or as long as the parent says. */
  async work({ signal }: Lease): Promise<void> {
    await this.pause(30);
    while (performance.now() < this.#lingersUntilMs && !signal.aborted) await this.pause(20);
  }

  /** Believes to hold something, from now until the work is done or the lease is known to be lost. */
  async inside(
    { place, permits = 1, borrower }: { place: Place; permits?: number; borrower?: string },
    lease: Lease,
    work: (turn: number) => Promise<unknown>,
  ): Promise<void> {
    const atNs = process.hrtime.bigint();
    this.#turns += 1;
    const turn = this.#turns;
    const { token, signal } = lease;
    const whose = borrower === undefined ? {} : { borrower };
    const entering = this.say({ what: "enters", turn, place, token, permits, ...whose, atNs });
    let leaving: Promise<void> | null = null;
    const leave = (how: "released" | "lost"): Promise<void> => {
      leaving ??= this.say({ what: "leaves", turn, how, atNs: process.hrtime.bigint() });
      return leaving;
    };
    const lost = (): void => void leave("lost");
    if (signal.aborted) lost();
    signal.addEventListener("abort", lost, { once: true });
    await work(turn);
    signal.removeEventListener("abort", lost);
    // It is said before anything is given back: else a process that is killed now would seem to hold it still.
    await Promise.all([entering, leave("released")]);
  }

  async close(): Promise<void> {
    await this.latchwork.close();
    await this.say(this.#alive);
    process.exit();
  }

  get #alive(): Report {
    const pending = [...this.#pending.values()];
    return { what: "alive", operations: this.#operations, pending };
  }

  #obey(order: Order): void {
    switch (order.order) {
      case "answer":
        this.#asked.get(order.ask)?.(order.answer);
        this.#asked.delete(order.ask);
        break;
      case "linger":
        this.#lingersUntilMs = performance.now() + order.forMs;
        break;
      case "rest":
        this.#restsUntilMs = performance.now() + order.forMs;
        break;
      case "over":
        this.isCalm = true;
        this.#over.abort();
        break;
      case "calm":
        this.isCalm = true;
    }
  }

  /** A process that was stopped, or found no processor, believes for as long what is no longer true. */
  #watchLoop(): void {
    let lastNs = process.hrtime.bigint();
    setInterval(() => {
      const nowNs = process.hrtime.bigint();
      const stoodStillMs = Number(nowNs - lastNs) / 1e6;
      if (stoodStillMs > STALL_MS)
        void this.say({ what: "stalled", fromNs: lastNs, untilNs: nowNs });
      lastNs = nowNs;
    }, LOOK_MS).unref();
  }
}
