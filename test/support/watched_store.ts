import type { Changes } from "../../objects/host/ports.ts";
import { MemoryStore } from "../../testing/memory_store.ts";

/** A disk that says what is done to it, and that a test can break. */
export class WatchedStore extends MemoryStore {
  /** While true, nothing can be written. */
  isBroken = false;
  readonly #log: string[];

  constructor(log: string[], wiped: () => void) {
    super(wiped);
    this.#log = log;
  }

  override commit(changes: Changes): void {
    if (this.isBroken) throw new Error("The disk is full.");
    this.#log.push("commit");
    super.commit(changes);
  }

  override probe(): void {
    this.#log.push("probe");
  }

  override wipe(): void {
    this.#log.push("wipe");
    super.wipe();
  }
}
