import { WaitQueue } from "../objects/core/wait_queue.ts";
import { openRounds, type Rounds } from "./rounds.ts";

interface Task {
  readonly run: () => void;
}

interface Settling {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** After so many tasks without rest a program is taken to spin. */
const TASKS_MAX = 1_000_000;

/**
 * What happens in the world of a test kit without any time passing: messages that arrive, and what was put off. One
 * after the other, each on a round of its own of the real event loop, so what one sets going has come to rest before
 * the next; and a program that spins does not keep its runtime from anything.
 */
export class EventLoop {
  readonly #tasksMax: number;
  readonly #tasks = new WaitQueue<Task>();
  readonly #settling: Settling[] = [];
  #rounds: Rounds | null = null;
  #tasksWithoutRest = 0;

  constructor(tasksMax = TASKS_MAX) {
    this.#tasksMax = tasksMax;
  }

  /** Runs something when all that was pushed before has run. The function that is returned calls it off. */
  push(run: () => void): () => void {
    const task = { run };
    this.#tasks.join(task);
    this.#go();
    return () => void this.#tasks.leave(task);
  }

  /** Settles when there is nothing left to run, and no microtask either. @throws Error where that does not come. */
  settled(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settling.push({ resolve, reject });
      this.#go();
    });
  }

  #go(): void {
    if (this.#rounds !== null) return;
    this.#rounds = openRounds(() => this.#round());
    this.#rounds.next();
  }

  #round(): void {
    const task = this.#tasks.first();
    if (task === null && this.#settling.length === 0) {
      this.#rounds?.end();
      this.#rounds = null;
      return;
    }
    // Before the task, which may throw; and after a rest too, since whoever waited for it often goes on at once.
    this.#rounds?.next();
    if (task === null) {
      this.#tasksWithoutRest = 0;
      for (const { resolve } of this.#settling.splice(0)) resolve();
      return;
    }
    this.#tasks.leave(task);
    this.#tasksWithoutRest += 1;
    if (this.#tasksWithoutRest > this.#tasksMax) this.#giveUp();
    task.run();
  }

  #giveUp(): void {
    this.#tasksWithoutRest = 0;
    const message =
      `The program spins: ${this.#tasksMax} messages have come without any time passing. ` +
      "Let its work take time: `await test.clock.sleep(ms)`.";
    for (const { reject } of this.#settling.splice(0)) reject(new Error(message));
  }
}
