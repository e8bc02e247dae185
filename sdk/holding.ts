import type { RequestBody } from "./calls.ts";
import type { LeaseLossReason } from "./fault.ts";
import type { Reply } from "./frames.ts";

/** What a grant made the client's: a lease, or an end of a stream. The connection knows it by its token. */
export interface Holding {
  readonly token: number;
  /** What was received on it, and is not confirmed yet, by its place in the stream. */
  readonly unconfirmed?: ReadonlySet<number>;
  /** The server has taken it away, or may have. After a release there is nothing left to lose. */
  lose(reason: LeaseLossReason): void;
  /** The client itself has given it back, by another name than its token. */
  returned(): void;
}

/** How what is held reaches the connection that it was granted on. */
export interface HoldingOwner {
  release(holding: Holding): Promise<void>;
}

/** What one session holds. */
export class Holdings {
  readonly #byToken = new Map<number, Holding>();

  get size(): number {
    return this.#byToken.size;
  }

  add(holding: Holding): void {
    this.#byToken.set(holding.token, holding);
  }

  delete({ token }: Holding): void {
    this.#byToken.delete(token);
  }

  has(token: number): boolean {
    return this.#byToken.has(token);
  }

  /**
   * What gives back the grant or the items of a reply for which nobody waits any more; `null` where they are known
   * already. A repeat that came very late was served once more, and nobody else would ever do that.
   */
  giveBack({ re, ...reply }: Reply): RequestBody | null {
    if (!("ok" in reply)) return null;
    if ("token" in reply.ok) {
      const { token } = reply.ok;
      return this.has(token) ? null : { op: "release", token };
    }
    if (!("items" in reply.ok)) return null;
    const isKnown = reply.ok.items.some(({ seq }) => this.#hasReceived(seq));
    return isKnown ? null : { op: "cancel", target: re };
  }

  lose(token: number, reason: LeaseLossReason): void {
    const holding = this.#byToken.get(token);
    this.#byToken.delete(token);
    holding?.lose(reason);
  }

  loseAll(reason: LeaseLossReason): void {
    for (const token of this.#byToken.keys()) this.lose(token, reason);
  }

  /** Both sides agree on what is held: what the server does not know of was taken away meanwhile. */
  agreeWith(held: ReadonlySet<number>): void {
    for (const token of this.#byToken.keys()) if (!held.has(token)) this.lose(token, "revoked");
  }

  returned(token: number): void {
    const holding = this.#byToken.get(token);
    this.#byToken.delete(token);
    holding?.returned();
  }

  #hasReceived(seq: number): boolean {
    return [...this.#byToken.values()].some(({ unconfirmed }) => unconfirmed?.has(seq));
  }
}
