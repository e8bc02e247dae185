import type { Item } from "../objects/core/machine.ts";
import { claimKey } from "../objects/host/ports.ts";
import type {
  Changes,
  Store,
  Stored,
  StoredAnswer,
  StoredClaim,
  StoredItem,
  StoredSession,
} from "../objects/host/ports.ts";

/** An object's disk, in memory. It outlives every instance of the object. */
export class MemoryStore implements Store {
  readonly sessions = new Map<string, StoredSession>();
  readonly claims = new Map<string, StoredClaim>();
  readonly items = new Map<number, StoredItem>();
  readonly answers = new Map<string, StoredAnswer>();
  isUsed = false;
  lastEndedAtMs = 0;
  readonly #wiped: () => void;
  #lastToken = 0;
  #state: string | null = null;

  /** `wiped` is called when everything is removed, which on the platform includes the alarm. */
  constructor(wiped: () => void) {
    this.#wiped = wiped;
  }

  get answersUntilMs(): number {
    return Math.max(0, ...Array.from(this.answers.values(), ({ expiresAtMs }) => expiresAtMs));
  }

  answer(key: string): StoredAnswer | null {
    return this.answers.get(key) ?? null;
  }

  load(): Stored {
    return {
      sessions: [...this.sessions.values()],
      claims: [...this.claims.values()],
      items: [...this.items.values()],
      lastToken: this.#lastToken,
      state: this.#state === null ? null : JSON.parse(this.#state),
    };
  }

  commit({ nowMs, sessions, claims, items, state, answers }: Changes): void {
    this.isUsed = true;
    if (state !== null) this.#state = JSON.stringify(state.value);
    for (const [id, session] of sessions) {
      if (session === null) this.sessions.delete(id);
      else this.sessions.set(id, structuredClone(session));
    }
    for (const { claim, ended } of claims.values()) {
      const key = claimKey(claim.session.id, claim.requestId);
      if (claim.state === "held") this.#lastToken = Math.max(this.#lastToken, claim.token);
      if (claim.state === "held" && ended) this.lastEndedAtMs = nowMs;
      if (ended) this.claims.delete(key);
      else this.claims.set(key, { ...claim, session: claim.session.id });
    }
    for (const [seq, item] of items) {
      if (item === null) this.items.delete(seq);
      else this.items.set(seq, storedItem(item));
    }
    for (const [key, answer] of answers) this.answers.set(key, answer);
  }

  /** Memory is always there. */
  probe(): void {}

  wipe(): void {
    this.sessions.clear();
    this.claims.clear();
    this.items.clear();
    this.answers.clear();
    this.isUsed = false;
    this.lastEndedAtMs = 0;
    this.#lastToken = 0;
    this.#state = null;
    this.#wiped();
  }
}

function storedItem({ delivery, ...item }: Item): StoredItem {
  if (delivery === null) return { ...item, delivery };
  const { session, requestId, end } = delivery;
  return { ...item, delivery: { session: session.id, requestId, end } };
}
