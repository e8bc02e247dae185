import { LeastFirst } from "../objects/core/least_first.ts";
import { countFault } from "../sdk/checks.ts";
import { check } from "../sdk/errors.ts";
import type { EventLoop } from "./event_loop.ts";

/** The time of a test kit: that of all its clients and of its server. It stands still until the test moves it. */
export interface TestClock {
  /** Milliseconds since the epoch, always whole. `new Date(test.clock.nowMs)` is what a program would see. */
  readonly nowMs: number;

  /**
   * Lets so much time pass. Whatever is planned (time-outs, heart-beats, alarms, `sleep`) happens at its own moment
   * and in order, and what each of them sets going comes to rest before the next.
   *
   * @param ms a whole number from 0.
   * @throws InvalidArgumentError for any other number. Error if a program spins: it asks without end, and no time passes.
   */
  advance(ms: number): Promise<void>;

  /**
   * The same up to a moment, which happens as well.
   *
   * @param at a `Date`, or milliseconds since the epoch; not before `nowMs`.
   * @throws InvalidArgumentError for a moment that is over. Otherwise as `advance`.
   */
  advanceTo(at: number | Date): Promise<void>;

  /**
   * Lets as much time pass as a promise needs, from one thing that is planned to the next, and settles as it does.
   *
   * @param options.limitMs after so much time it is given up: a whole number from 0, default 86,400,000, which is a day.
   * @throws Error where the promise has not settled by then. Otherwise as the promise, and as `advance`.
   */
  advanceUntil<Value>(
    promise: PromiseLike<Value>,
    options?: { readonly limitMs?: number },
  ): Promise<Value>;

  /**
   * Waits until all that needs no time has come to rest: requests that are under way, their answers, and what the
   * program makes of them. For what waits for the real world, for a file or the network, it does not wait.
   *
   * @throws Error if a program spins, as `advance`.
   */
  settle(): Promise<void>;

  /**
   * For the program under test, in the place of `setTimeout` from `node:timers/promises`: settles when the test has
   * moved the clock that far. A test that itself waits for it waits for ever; it is `advance` that it wants.
   *
   * @param ms from 0; parts of a millisecond count as a whole one.
   */
  sleep(ms: number): Promise<void>;
}

/** What is planned for one moment, in the order in which it was planned. */
interface Moment {
  readonly atMs: number;
  readonly runs: Set<{ readonly run: () => void }>;
}

/** The last moment whose fencing tokens are whole numbers that JavaScript can count. */
export const TIME_MS_MAX = Math.floor(Number.MAX_SAFE_INTEGER / 1_000);
const ADVANCE_UNTIL_MS_MAX = 86_400_000;

export class VirtualClock implements TestClock {
  readonly #loop: EventLoop;
  readonly #moments = new Map<number, Moment>();
  readonly #order = new LeastFirst<Moment>();
  #nowMs: number;
  /** Who moves it while another does comes after: twice a second is two seconds. */
  #moved: Promise<unknown> = Promise.resolve();

  constructor(loop: EventLoop, nowMs: number) {
    this.#loop = loop;
    this.#nowMs = nowMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Runs something after so much time; without any, when all that is under way now has happened. */
  after(delayMs: number, run: () => void): () => void {
    // No timer goes off early: parts of a millisecond count as a whole one.
    return this.at(Math.ceil(this.#nowMs + Math.max(0, delayMs)), run);
  }

  at(atMs: number, run: () => void): () => void {
    if (atMs <= this.#nowMs) return this.#loop.push(run);
    const moment = this.#moment(atMs);
    const planned = { run };
    moment.runs.add(planned);
    return () => {
      moment.runs.delete(planned);
      if (moment.runs.size === 0) this.#forget(moment);
    };
  }

  async advance(ms: number): Promise<void> {
    check(countFault("ms", ms, { to: TIME_MS_MAX }));
    await this.#inTurn(() => this.#advanceTo(this.#nowMs + ms));
  }

  async advanceTo(at: number | Date): Promise<void> {
    const atMs = at instanceof Date ? at.getTime() : at;
    await this.#inTurn(() => this.#advanceTo(atMs));
  }

  async advanceUntil<Value>(
    promise: PromiseLike<Value>,
    { limitMs = ADVANCE_UNTIL_MS_MAX }: { readonly limitMs?: number } = {},
  ): Promise<Value> {
    check(countFault("limitMs", limitMs, { to: TIME_MS_MAX }));
    const fate = { isSettled: false };
    const settle = (): void => void (fate.isSettled = true);
    promise.then(settle, settle);
    await this.#inTurn(async () => {
      const untilMs = this.#nowMs + limitMs;
      await this.#loop.settled();
      while (!fate.isSettled) {
        if (!(await this.#step(untilMs))) throw new Error(neverSettles(limitMs));
      }
    });
    return promise;
  }

  settle(): Promise<void> {
    return this.#loop.settled();
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  async #advanceTo(atMs: number): Promise<void> {
    check(countFault("The moment", atMs, { from: this.#nowMs, to: TIME_MS_MAX }));
    await this.#loop.settled();
    while (await this.#step(atMs));
    this.#nowMs = atMs;
  }

  /** The next thing that is planned happens, and all that follows from it at once; false if it lies further ahead. */
  async #step(untilMs: number): Promise<boolean> {
    const moment = this.#order.least;
    if (moment === null || moment.atMs > untilMs) return false;
    this.#nowMs = moment.atMs;
    const [planned] = moment.runs;
    if (planned !== undefined) moment.runs.delete(planned);
    if (moment.runs.size === 0) this.#forget(moment);
    planned?.run();
    await this.#loop.settled();
    return true;
  }

  #inTurn(move: () => Promise<void>): Promise<void> {
    const moving = this.#moved.then(move);
    this.#moved = moving.catch(() => {});
    return moving;
  }

  #moment(atMs: number): Moment {
    const known = this.#moments.get(atMs);
    if (known !== undefined) return known;
    const moment = { atMs, runs: new Set<{ readonly run: () => void }>() };
    this.#moments.set(atMs, moment);
    this.#order.set(moment, atMs);
    return moment;
  }

  #forget(moment: Moment): void {
    // Another may have begun for the same time since this one was forgotten.
    if (this.#moments.get(moment.atMs) === moment) this.#moments.delete(moment.atMs);
    this.#order.delete(moment);
  }
}

function neverSettles(limitMs: number): string {
  return (
    `The promise has not settled within ${limitMs} ms of the test's clock: nothing that is planned settles it. ` +
    "Does it wait for what somebody holds (see `test.leftovers()`), or for the real world?"
  );
}
