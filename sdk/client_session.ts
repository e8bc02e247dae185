import type { Environment } from "./environment.ts";
import type { Hello } from "./hello.ts";

/** Of a TTL, the part after which a silent server may no longer be trusted: both clocks may be off by 5 % (LE4). */
const TRUSTED_PART = 0.9;

/** Why a session is over that nobody ended. */
export const UNHEARD =
  "The server was not heard for as long as it keeps the session of a silent client.";

/** One session of a client at one object, as the client knows it. */
export class ClientSession {
  readonly #environment: Environment;
  readonly #client: string;
  readonly #ttlMs: number;
  readonly #id: string;
  readonly #secret: string;
  #attempts = 0;
  #heardAtMs: number;
  /** True once the server is known to know it. */
  welcomed = false;

  constructor(environment: Environment, { client, ttlMs }: { client: string; ttlMs: number }) {
    this.#environment = environment;
    this.#client = client;
    this.#ttlMs = ttlMs;
    this.#id = environment.newId();
    this.#secret = environment.newId();
    this.#heardAtMs = environment.nowMs();
  }

  /** How long a session lives on trust, in milliseconds. */
  get trustedMs(): number {
    return this.#ttlMs * TRUSTED_PART;
  }

  /** Until then the server keeps what the session holds, whatever happens; later it may have given it away. */
  get trustedUntilMs(): number {
    return this.#heardAtMs + this.trustedMs;
  }

  /** True if the server may know of it. */
  get begun(): boolean {
    return this.#attempts > 0;
  }

  /** The server has answered what was sent at `sentAtMs`, so it counts the session as heard no earlier. */
  heard(sentAtMs: number): void {
    this.#heardAtMs = Math.max(this.#heardAtMs, sentAtMs);
  }

  /** What the next connection says. A session that was never tried lives from its first try. */
  nextHello(): Hello {
    if (!this.begun) this.#heardAtMs = this.#environment.nowMs();
    this.#attempts += 1;
    return {
      session: this.#id,
      secret: this.#secret,
      client: this.#client,
      ttlMs: this.#ttlMs,
      attempt: this.#attempts,
      resume: this.welcomed,
    };
  }
}
