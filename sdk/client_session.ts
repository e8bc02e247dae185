import type { Environment } from "./environment.ts";
import type { Hello } from "./hello.ts";

/** Of a TTL, the part after which a silent server may no longer be trusted: both clocks may be off by 5 % (LE4). */
const TRUSTED_PART = 0.9;

export interface SessionOptions {
  readonly environment: Environment;
  readonly url: string;
  readonly client: string;
  readonly ttlMs: number;
}

/** One session of a client at one object, as the client knows it. */
export class ClientSession {
  /** How long it lives on trust, in milliseconds. */
  readonly trustedMs: number;
  /** What its last connection said. */
  readonly #hello: { -readonly [Field in keyof Hello]: Hello[Field] };
  readonly #url: string;
  #heardAtMs: number;

  constructor({ environment, url, client, ttlMs }: SessionOptions) {
    this.#url = url;
    this.trustedMs = ttlMs * TRUSTED_PART;
    const [session, secret] = [environment.newId(), environment.newId()];
    this.#hello = { session, secret, client, ttlMs, attempt: 0, resume: false };
    this.#heardAtMs = environment.nowMs();
  }

  /** Until then the server keeps what the session holds, whatever happens; later it may have given it away. */
  get trustedUntilMs(): number {
    return this.#heardAtMs + this.trustedMs;
  }

  /** True if the server may know of it. */
  get begun(): boolean {
    return this.#hello.attempt > 0;
  }

  /** Why it is over, if nobody ended it. */
  get silence(): string {
    return this.#hello.resume
      ? "The server was not heard for as long as it keeps a silent client."
      : `No server was reached at ${this.#url}.`;
  }

  /** The server has answered what was sent at `sentAtMs`, so it counts the session as heard no earlier. */
  heard(sentAtMs: number): void {
    this.#heardAtMs = Math.max(this.#heardAtMs, sentAtMs);
  }

  /** The server knows it: from now on it is resumed, or over. */
  welcomed(dialledAtMs: number): void {
    this.#hello.resume = true;
    this.heard(dialledAtMs);
  }

  /** What the next connection says. A session that was never tried lives from its first try. */
  nextHello(nowMs: number): Hello {
    if (!this.begun) this.#heardAtMs = nowMs;
    this.#hello.attempt += 1;
    return this.#hello;
  }
}
