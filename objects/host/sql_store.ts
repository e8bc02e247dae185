import type { AppliedRecord } from "../core/applied.ts";
import type { Claim } from "../core/claim.ts";
import type { Item } from "../core/machine.ts";
import type {
  Changes,
  ClaimChange,
  Store,
  Stored,
  StoredAnswer,
  StoredItem,
  StoredSession,
} from "./ports.ts";
import {
  ITEMS_SCHEMA,
  SCHEMA,
  SCHEMA_VERSION,
  type ClaimRow,
  type ItemRow,
  type SessionRow,
} from "./schema.ts";
import { Slots } from "./slots.ts";
import { SqlAnswers } from "./sql_answers.ts";

/** The store in the object's own SQLite database. Nothing is created before the first write. */
export class SqlStore implements Store {
  readonly #storage: DurableObjectStorage;
  readonly #identity: string;
  readonly #hasItems: boolean;
  #slots = new Slots();
  readonly #answers: SqlAnswers;
  #isUsed = false;

  /** `identity` says whose storage this is, for whoever looks at it from outside. */
  constructor(storage: DurableObjectStorage, identity: { kind: string; name: string }) {
    this.#storage = storage;
    this.#answers = new SqlAnswers(storage.sql);
    this.#hasItems = identity.kind === "stream";
    this.#identity = JSON.stringify({ schema: SCHEMA_VERSION, ...identity });
  }

  get isUsed(): boolean {
    return this.#isUsed;
  }

  get lastEndedAtMs(): number {
    return this.#slots.lastEndedAtMs;
  }

  get answersUntilMs(): number {
    return this.#answers.untilMs;
  }

  answer(key: string): StoredAnswer | null {
    return this.#answers.get(key);
  }

  load(): Stored {
    const tables = this.#sql("SELECT 1 FROM sqlite_master WHERE name = 'meta'").toArray();
    this.#isUsed = tables.length > 0;
    if (!this.#isUsed) return { sessions: [], claims: [], items: [], lastToken: 0, state: null };
    this.#checkSchema();
    const claims = this.#slots.load(this.#sql<ClaimRow>("SELECT * FROM claims").toArray());
    const sessions = this.#sql<SessionRow>("SELECT * FROM sessions").toArray().map(readSession);
    const state = this.#meta("state");
    return {
      sessions,
      claims,
      items: this.#hasItems
        ? this.#sql<ItemRow>("SELECT * FROM items").toArray().map(readItem)
        : [],
      lastToken: this.#slots.lastToken,
      state: state === null ? null : JSON.parse(state),
    };
  }

  commit(changes: Changes): void {
    if (this.#isOneStatement(changes)) this.#write(changes);
    else this.#storage.transactionSync(() => this.#write(changes));
    this.#isUsed = true;
  }

  /** A statement by itself is a transaction already, and costs less. */
  #isOneStatement({ sessions, claims, items, state, answers }: Changes): boolean {
    if (!this.#isUsed || state !== null || answers.size > 0) return false;
    if (sessions.size + claims.size + items.size > 1) return false;
    for (const { claim, ended } of claims.values())
      if (ended && this.#isUntold(claim)) return false;
    return true;
  }

  #write({ sessions, claims, items, state, answers, nowMs }: Changes): void {
    if (!this.#isUsed) this.#create();
    if (state !== null) this.#putMeta("state", JSON.stringify(state.value));
    for (const [id, session] of sessions) {
      if (session === null) this.#sql("DELETE FROM sessions WHERE id = ?", id);
      else this.#putSession(session);
    }
    // Grants first: they decide whether an ended claim still bears the greatest token.
    for (const [key, { claim, ended }] of claims) if (!ended) this.#putClaim(key, claim);
    for (const [key, change] of claims) if (change.ended) this.#endClaim(key, change, nowMs);
    for (const [seq, item] of items) {
      if (item === null) this.#sql("DELETE FROM items WHERE seq = ?", seq);
      else this.#putItem(item);
    }
    this.#answers.put(answers, nowMs);
  }

  probe(): void {
    this.#sql("SELECT name FROM sqlite_master LIMIT 1").toArray();
  }

  wipe(): void {
    this.#slots = new Slots();
    this.#isUsed = false;
    void this.#storage.deleteAll();
    this.#answers.wiped();
  }

  #create(): void {
    this.#sql(this.#hasItems ? SCHEMA + ITEMS_SCHEMA : SCHEMA);
    this.#putMeta("object", this.#identity);
  }

  #checkSchema(): void {
    const { schema } = JSON.parse(this.#meta("object") ?? "{}") as { schema?: unknown };
    if (schema === SCHEMA_VERSION) return;
    throw new Error(`The storage has schema ${String(schema)}; this code knows ${SCHEMA_VERSION}.`);
  }

  #putClaim(key: string, claim: Claim): void {
    const token = claim.state === "held" ? claim.token : 0;
    const known = this.#slots.of(key);
    const slot = known ?? this.#slots.take(key, token);
    if (claim.state === "held") this.#slots.granted(slot, claim.token);
    if (known !== null && claim.state === "held") {
      const grant =
        "UPDATE claims SET state = 'held', token = ?, at_ms = ?, detail = ? WHERE slot = ?";
      this.#sql(grant, claim.token, claim.grantedAtMs, detailOf(claim), slot);
      return;
    }
    this.#sql(
      `INSERT OR REPLACE INTO claims
       (slot, state, session, request_id, permits, requested_at_ms, ticket, deadline_ms, token, at_ms, detail)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      slot,
      claim.state,
      claim.session.id,
      claim.requestId,
      claim.permits,
      claim.requestedAtMs,
      claim.state === "waiting" ? claim.ticket : 0,
      claim.state === "waiting" ? claim.deadlineMs : null,
      token,
      claim.state === "held" ? claim.grantedAtMs : 0,
      detailOf(claim),
    );
  }

  #putItem({ seq, text, redelivered, delivery }: Item): void {
    this.#sql(
      `INSERT OR REPLACE INTO items (seq, text, redelivered, session, request_id, end_token)
       VALUES (?, ?, ?, ?, ?, ?)`,
      seq,
      text,
      redelivered ? 1 : 0,
      delivery?.session.id ?? null,
      delivery?.requestId ?? null,
      delivery?.end ?? null,
    );
  }

  #endClaim(key: string, { claim }: ClaimChange, nowMs: number): void {
    if (this.#isUntold(claim)) this.#putClaim(key, claim);
    const slot = this.#slots.of(key);
    if (slot === null) return;
    if (this.#slots.end(key, slot, nowMs) === "delete") {
      this.#sql("DELETE FROM claims WHERE slot = ?", slot);
    } else {
      this.#sql("UPDATE claims SET state = 'ended', at_ms = ? WHERE slot = ?", nowMs, slot);
    }
  }

  /** Granted and ended within one turn: its token was told, so it must be on disk all the same. */
  #isUntold(claim: Claim): boolean {
    return claim.state === "held" && claim.token > this.#slots.lastToken;
  }

  #putSession(session: StoredSession): void {
    this.#sql(
      `INSERT OR REPLACE INTO sessions (id, secret_hash, client, ttl_ms, applied_through, refused, expires_at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      session.id,
      session.secretHash,
      session.client,
      session.ttlMs,
      session.applied.through,
      JSON.stringify(session.applied.refused),
      session.expiresAtMs,
    );
  }

  #meta(key: string): string | null {
    const [row] = this.#sql<{ value: string }>("SELECT value FROM meta WHERE key = ?", key);
    return row?.value ?? null;
  }

  #putMeta(key: string, value: string): void {
    this.#sql("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, value);
  }

  #sql<Row extends Record<string, SqlStorageValue>>(
    query: string,
    ...bindings: SqlStorageValue[]
  ): SqlStorageCursor<Row> {
    return this.#storage.sql.exec<Row>(query, ...bindings);
  }
}

function readSession(row: SessionRow): StoredSession {
  return {
    id: row.id,
    secretHash: row.secret_hash,
    client: row.client,
    ttlMs: row.ttl_ms,
    applied: {
      through: row.applied_through,
      refused: JSON.parse(row.refused) as AppliedRecord["refused"],
    },
    expiresAtMs: row.expires_at_ms,
  };
}

function readItem(row: ItemRow): StoredItem {
  const { seq, text, session, request_id: requestId, end_token: end } = row;
  const isGiven = session !== null && requestId !== null && end !== null;
  const delivery = isGiven ? { session, requestId, end } : null;
  return { seq, text, redelivered: row.redelivered === 1, delivery };
}

function detailOf({ detail }: Claim): string | null {
  return detail === null ? null : JSON.stringify(detail);
}
