import { Applied, type AppliedRecord } from "../../objects/core/applied.ts";
import type { Claim, Session } from "../../objects/core/claim.ts";
import type { Effect, Item, Recovered } from "../../objects/core/machine.ts";

/** What a machine's effects leave on disk. It finds nothing else again. */
export class Rows {
  readonly #claims = new Map<string, Claim>();
  readonly #applied = new Map<string, AppliedRecord>();
  readonly #items = new Map<number, Item>();
  #lastToken = 0;
  #state: unknown = null;

  write(effects: readonly Effect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case "put-claim":
          this.#put(effect.claim);
          break;
        case "drop-claim":
          if (!this.#claims.delete(key(effect.claim))) throw new Error("A row ended twice.");
          break;
        case "put-session":
          this.#applied.set(effect.session.id, effect.session.applied.record);
          break;
        case "put-state":
          this.#state = JSON.parse(JSON.stringify(effect.state));
          break;
        case "put-item":
          this.#items.set(effect.item.seq, effect.item);
          break;
        case "drop-item":
          if (!this.#items.delete(effect.seq)) throw new Error("An item ended twice.");
          break;
        case "reply":
        case "revoked":
        case "returned":
      }
    }
  }

  get claimsCount(): number {
    return this.#claims.size;
  }

  get claims(): readonly Claim[] {
    return [...this.#claims.values()];
  }

  get items(): readonly Item[] {
    return [...this.#items.values()].toSorted((a, b) => a.seq - b.seq);
  }

  get itemsCount(): number {
    return this.#items.size;
  }

  /** What a crash leaves of a session. */
  session({ id, client }: Session): Session {
    return {
      id,
      client,
      applied: new Applied(this.#applied.get(id) ?? { through: 0, refused: [] }),
    };
  }

  /** Claims come in an order of the disk's own, which is nobody's order of arrival. */
  recovered(sessions: ReadonlyMap<string, Session>): Recovered {
    const claims = Array.from(this.#claims.values(), (claim) => {
      const session = sessions.get(claim.session.id);
      if (session === undefined) throw new Error("A claim without a session.");
      return { ...claim, session };
    });
    const items = Array.from(this.#items.values(), (item): Item => {
      if (item.delivery === null) return item;
      const session = sessions.get(item.delivery.session.id);
      if (session === undefined) throw new Error("A delivery without a session.");
      return { ...item, delivery: { ...item.delivery, session } };
    });
    return {
      claims: claims.toReversed(),
      items: items.toReversed(),
      lastToken: this.#lastToken,
      state: this.#state,
    };
  }

  #put(claim: Claim): void {
    const detail: unknown = JSON.parse(JSON.stringify(claim.detail));
    this.#claims.set(key(claim), { ...claim, detail });
    if (claim.state === "held") this.#lastToken = Math.max(this.#lastToken, claim.token);
  }
}

function key({ session, requestId }: Claim): string {
  return `${session.id}/${requestId}`;
}
