import type { Environment } from "./environment.ts";
import type { Hello } from "./hello.ts";

/** Of a TTL, the part after which a silent server may no longer be trusted: both clocks may be off by 5 % (LE4). */
const TRUSTED_PART = 0.9;

/** Why a session is over that nobody ended. */
export const UNHEARD = "The server was not heard for as long as it keeps a silent client.";

export interface SessionOptions {
  readonly environment: Environment;
  readonly client: string;
  readonly ttlMs: number;
}

/** One session of a client at one object, as the client knows it. */
export class ClientSession {
  readonly #environment: Environment;
  /** What its last connection said. */
  #hello: Hello;
  #heardAtMs: number;

  constructor({ environment, client, ttlMs }: SessionOptions) {
    this.#environment = environment;
    const [session, secret] = [environment.newId(), environment.newId()];
    this.#hello = { session, secret, client, ttlMs, attempt: 0, resume: false };
    this.#heardAtMs = environment.nowMs();
  }

  /** How long a session lives on trust, in milliseconds. */
  get trustedMs(): number {
    return this.#hello.ttlMs * TRUSTED_PART;
  }

  /** Until then the server keeps what the session holds, whatever happens; later it may have given it away. */
  get trustedUntilMs(): number {
    return this.#heardAtMs + this.trustedMs;
  }

  /** True if the server may know of it. */
  get begun(): boolean {
    return this.#hello.attempt > 0;
  }

  /** The server has answered what was sent at `sentAtMs`, so it counts the session as heard no earlier. */
  heard(sentAtMs: number): void {
    this.#heardAtMs = Math.max(this.#heardAtMs, sentAtMs);
  }

  /** The server knows it: from now on it is resumed, or over. */
  welcomed(): void {
    this.#hello = { ...this.#hello, resume: true };
  }

  /** What the next connection says. A session that was never tried lives from its first try. */
  nextHello(): Hello {
    if (!this.begun) this.#heardAtMs = this.#environment.nowMs();
    this.#hello = { ...this.#hello, attempt: this.#hello.attempt + 1 };
    return this.#hello;
  }
}
