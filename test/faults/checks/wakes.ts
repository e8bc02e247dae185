import { setTimeout as sleep } from "node:timers/promises";
import { objectPath } from "../../../sdk/protocol.ts";
import { NAMES } from "../reports.ts";
import type { World } from "../world/world.ts";

const LOOK_MS = 50;

interface Inspection {
  /** How many wait to be notified. */
  readonly tasksWaiting: number;
  readonly lock: { readonly locked: boolean; readonly tasksWaiting: number };
}

/**
 * CO4: while there are jobs, and somebody waits to be told of one, somebody is on the way to the lock or has it. For
 * whoever puts a job there tells one of them, and whoever is told and lost passes it on in the same step.
 */
export class WakeWatch implements AsyncDisposable {
  readonly violations: string[] = [];
  readonly #world: World;
  readonly #watching: Promise<void>;
  #goesOn = true;

  constructor(world: World) {
    this.#world = world;
    this.#watching = this.#watch();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#goesOn = false;
    await this.#watching;
  }

  async #watch(): Promise<void> {
    while (this.#goesOn && this.violations.length === 0) {
      const { changes } = this.#world.referee;
      await sleep(LOOK_MS);
      // A server that is down, or stands still, says nothing.
      if (changes === this.#world.referee.changes) await this.#look().catch(() => {});
    }
  }

  async #look(): Promise<void> {
    const { referee, server } = this.#world;
    const { jobs, changes } = referee;
    if (jobs === 0) return;
    const signal = AbortSignal.timeout(5_000);
    const url = server.url + objectPath("default", "condition", NAMES.condition);
    const response = await fetch(url, { signal });
    if (!response.ok) return;
    const { tasksWaiting, lock } = (await response.json()) as Inspection;
    const isIdle = !lock.locked && lock.tasksWaiting === 0;
    // Jobs come and go only while somebody has the lock; had they meanwhile, this would say nothing.
    if (!isIdle || tasksWaiting === 0 || changes !== referee.changes) return;
    this.violations.push(
      `${tasksWaiting} wait to be notified, nobody has the lock, and there are ${jobs} jobs: a wake-up was lost`,
    );
  }
}
