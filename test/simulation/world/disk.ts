import type { Claim } from "../../../objects/core/claim.ts";
import type { Item } from "../../../objects/core/machine.ts";
import { claimKey } from "../../../objects/host/ports.ts";
import type {
  Changes,
  Stored,
  StoredClaim,
  StoredItem,
  StoredSession,
} from "../../../objects/host/ports.ts";

/** What one commit granted. */
export interface Granted {
  readonly token: number;
  /** Its place among those who waited; `null` for what was granted at once. */
  readonly ticket: number | null;
}

/** What is durable of an object. It knows nothing of instances, and outlives them all. */
export class Disk {
  readonly sessions = new Map<string, StoredSession>();
  readonly claims = new Map<string, StoredClaim>();
  readonly items = new Map<number, StoredItem>();
  state: unknown = null;
  isUsed = false;
  lastToken = 0;
  lastEndedAtMs = 0;

  read(): Stored {
    const { lastToken } = this;
    return structuredClone({
      sessions: [...this.sessions.values()],
      claims: [...this.claims.values()],
      items: [...this.items.values()],
      lastToken,
      state: this.state,
    });
  }

  /** Writes everything, and says what was granted by it. */
  write({ nowMs, sessions, claims, items, state }: Changes): Granted[] {
    this.isUsed = true;
    if (state !== null) this.state = structuredClone(state.value);
    for (const [id, session] of sessions) {
      if (session === null) this.sessions.delete(id);
      else this.sessions.set(id, structuredClone(session));
    }
    const granted: Granted[] = [];
    for (const { claim, ended } of claims.values()) {
      const key = claimKey(claim.session.id, claim.requestId);
      const before = this.claims.get(key);
      if (claim.state === "held" && !(before?.state === "held" && before.token === claim.token)) {
        granted.push({
          token: claim.token,
          ticket: before?.state === "waiting" ? before.ticket : null,
        });
      }
      if (claim.state === "held") this.lastToken = Math.max(this.lastToken, claim.token);
      if (claim.state === "held" && ended) this.lastEndedAtMs = nowMs;
      if (ended) this.claims.delete(key);
      else this.claims.set(key, storedClaim(claim));
    }
    for (const [seq, item] of items) {
      if (item === null) this.items.delete(seq);
      else this.items.set(seq, storedItem(item));
    }
    return granted.toSorted((a, b) => a.token - b.token);
  }

  wipe(): void {
    this.sessions.clear();
    this.claims.clear();
    this.items.clear();
    this.state = null;
    this.isUsed = false;
    this.lastToken = 0;
    this.lastEndedAtMs = 0;
  }
}

function storedClaim(claim: Claim): StoredClaim {
  const { session, ...rest } = claim;
  return structuredClone({ ...rest, session: session.id }) as StoredClaim;
}

function storedItem({ delivery, ...item }: Item): StoredItem {
  if (delivery === null) return { ...item, delivery };
  const { session, requestId, end } = delivery;
  return { ...item, delivery: { session: session.id, requestId, end } };
}
