import type { Environment } from "./environment.ts";

/** One timer that looks after a session: it rings when the session may no longer be trusted, however often that moves. */
export class SessionWatch {
  readonly #environment: Environment;
  readonly #trustedUntilMs: () => number;
  /** True if the watch goes on. */
  readonly #ring: () => boolean;
  #cancel: (() => void) | null = null;

  constructor(
    environment: Environment,
    { trustedUntilMs, ring }: { trustedUntilMs: () => number; ring: () => boolean },
  ) {
    this.#environment = environment;
    this.#trustedUntilMs = trustedUntilMs;
    this.#ring = ring;
  }

  start(): void {
    if (this.#cancel !== null) return;
    const delayMs = Math.max(1, this.#trustedUntilMs() - this.#environment.nowMs());
    this.#cancel = this.#environment.after(delayMs, () => {
      this.#cancel = null;
      if (this.#ring()) this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
