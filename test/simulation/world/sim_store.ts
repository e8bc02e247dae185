import type { Alarm, Changes, Store } from "../../../objects/host/ports.ts";
import type { Commit, Disk } from "./disk.ts";
import type { Faults } from "./faults.ts";

/** What the world does to an instance that touches its storage. */
export interface StoreWorld {
  readonly faults: Faults;
  /** Ends the instance if another has taken over. */
  mayTouch(): void;
  /** Ends the instance, perhaps, before it goes on. */
  step(what: string): void;
  committed(commit: Commit): void;
  wiped(): void;
}

/** An instance's way to the disk: it may fail, before or after everything is written. */
export class SimStore implements Store {
  readonly #disk: Disk;
  readonly #world: StoreWorld;

  constructor(disk: Disk, world: StoreWorld) {
    this.#disk = disk;
    this.#world = world;
  }

  get isUsed(): boolean {
    return this.#disk.isUsed;
  }

  get lastEndedAtMs(): number {
    return this.#disk.lastEndedAtMs;
  }

  get answersUntilMs(): number {
    return Math.max(
      0,
      ...Array.from(this.#disk.answers.values(), ({ expiresAtMs }) => expiresAtMs),
    );
  }

  answer(key: string): ReturnType<Store["answer"]> {
    this.#world.mayTouch();
    return this.#disk.answers.get(key) ?? null;
  }

  load(): ReturnType<Store["load"]> {
    this.#world.mayTouch();
    return this.#disk.read();
  }

  commit(changes: Changes): void {
    this.#world.mayTouch();
    this.#world.step("commit");
    if (this.#world.faults.strikes("failed commit", "nothing is written")) {
      throw new Error("The commit failed.");
    }
    this.#world.committed(this.#disk.write(changes));
    if (this.#world.faults.strikes("unknown commit", "everything is written")) {
      throw new Error("Whether the commit failed is not known.");
    }
    this.#world.step("say that it has committed");
  }

  probe(): void {
    this.#world.mayTouch();
    this.#world.step("read");
  }

  wipe(): void {
    this.#world.mayTouch();
    this.#disk.wipe();
    this.#world.wiped();
  }
}

export class SimAlarm implements Alarm {
  readonly #arm: (atMs: number) => void;
  armedAtMs: number | null;

  constructor(armedAtMs: number | null, arm: (atMs: number) => void) {
    this.armedAtMs = armedAtMs;
    this.#arm = arm;
  }

  arm(atMs: number): void {
    this.#arm(atMs);
    this.armedAtMs = atMs;
  }

  fired(): void {
    this.armedAtMs = null;
  }
}
