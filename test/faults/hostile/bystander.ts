import { connect, type Latchwork } from "../../../sdk/index.ts";
import type { EmbeddedServer } from "../../../server/index.ts";

/** A client that does nothing wrong, beside those that do: it takes one lock again and again. */
export class Bystander implements AsyncDisposable {
  readonly #latchwork: Latchwork;
  readonly #name: string;
  readonly #cycling: Promise<void>;
  #goesOn = true;
  /** How long each cycle took. */
  readonly tookMs: number[] = [];
  /** What went wrong for it. */
  readonly troubles: unknown[] = [];

  constructor(server: EmbeddedServer, name: string) {
    this.#latchwork = connect(server.url, { client: "bystander", sessionTtlMs: 30_000 });
    this.#name = name;
    this.#cycling = this.#cycle();
  }

  /** Resolves when it has been through several cycles from now on. */
  async cycles(count: number): Promise<void> {
    const enough = this.tookMs.length + count;
    while (this.tookMs.length < enough && this.troubles.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#goesOn = false;
    await this.#cycling;
    await this.#latchwork.close();
  }

  async #cycle(): Promise<void> {
    const lock = this.#latchwork.lock(this.#name);
    let lastToken = 0;
    while (this.#goesOn && this.troubles.length === 0) {
      const startedMs = performance.now();
      try {
        const lease = await lock.acquire();
        if (lease.signal.aborted) this.troubles.push(lease.signal.reason);
        if (lease.token <= lastToken) this.troubles.push(new Error("A token fell."));
        lastToken = lease.token;
        await lease.release();
      } catch (error) {
        this.troubles.push(error);
      }
      this.tookMs.push(performance.now() - startedMs);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}
