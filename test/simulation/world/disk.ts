import type { Claim } from "../../../objects/core/claim.ts";
import type { Item } from "../../../objects/core/machine.ts";
import { claimKey } from "../../../objects/host/ports.ts";
import type {
  Changes,
  Stored,
  StoredAnswer,
  StoredClaim,
  StoredItem,
  StoredSession,
} from "../../../objects/host/ports.ts";

/** How something on the disk was and is; `null` where it was not there, or is not any more. */
export interface Change<Row> {
  readonly before: Row | null;
  readonly after: Row | null;
}

/** What one commit did. */
export interface Commit {
  readonly sessions: ReadonlyMap<string, Change<StoredSession>>;
  readonly claims: ReadonlyMap<string, Change<StoredClaim>>;
  readonly items: ReadonlyMap<number, Change<StoredItem>>;
  readonly stateWasPut: boolean;
}

/** What is durable of an object. It knows nothing of instances, and outlives them all. */
export class Disk {
  readonly sessions = new Map<string, StoredSession>();
  readonly claims = new Map<string, StoredClaim>();
  readonly items = new Map<number, StoredItem>();
  readonly answers = new Map<string, StoredAnswer>();
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

  /** Writes everything, and says what has become of what. */
  write({ nowMs, sessions, claims, items, state, answers }: Changes): Commit {
    this.isUsed = true;
    for (const [key, answer] of answers) this.answers.set(key, answer);
    if (state !== null) this.state = structuredClone(state.value);
    for (const { claim, ended } of claims.values()) {
      if (claim.state !== "held") continue;
      this.lastToken = Math.max(this.lastToken, claim.token);
      if (ended) this.lastEndedAtMs = nowMs;
    }
    return {
      sessions: put(this.sessions, sessions, (session) => structuredClone(session)),
      claims: put(this.claims, keyed(claims), storedClaim),
      items: put(this.items, items, storedItem),
      stateWasPut: state !== null,
    };
  }

  wipe(): void {
    this.sessions.clear();
    this.claims.clear();
    this.items.clear();
    this.answers.clear();
    this.state = null;
    this.isUsed = false;
    this.lastToken = 0;
    this.lastEndedAtMs = 0;
  }
}

function keyed(claims: Changes["claims"]): Map<string, Claim | null> {
  return new Map(
    Array.from(claims.values(), ({ claim, ended }) => [
      claimKey(claim.session.id, claim.requestId),
      ended ? null : claim,
    ]),
  );
}

function put<Key, Given, Row>(
  rows: Map<Key, Row>,
  given: ReadonlyMap<Key, Given | null>,
  store: (row: Given) => Row,
): Map<Key, Change<Row>> {
  const changes = new Map<Key, Change<Row>>();
  for (const [key, value] of given) {
    const before = rows.get(key) ?? null;
    const after = value === null ? null : store(value);
    if (after === null) rows.delete(key);
    else rows.set(key, after);
    changes.set(key, { before, after });
  }
  return changes;
}

/** Rows are plain data; what of a claim or an item may change later is not among it. */
function storedClaim({ session, ...rest }: Claim): StoredClaim {
  return { ...rest, session: session.id };
}

function storedItem({ delivery, ...item }: Item): StoredItem {
  if (delivery === null) return { ...item, delivery };
  const { session, requestId, end } = delivery;
  return { ...item, delivery: { session: session.id, requestId, end } };
}
