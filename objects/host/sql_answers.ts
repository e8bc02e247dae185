import { LIMITS } from "../../sdk/protocol.ts";
import type { StoredAnswer } from "./ports.ts";
import { ANSWERS_SCHEMA, type AnswerRow } from "./schema.ts";

/**
 * What calls with idempotency keys were answered, in the object's database. Most objects never have any, so the table
 * is made with the first; and those that have expired go when another comes, so that nothing wakes for them.
 */
export class SqlAnswers {
  readonly #sql: SqlStorage;
  #isThere: boolean;
  #count = 0;
  #firstExpiresAtMs = Number.POSITIVE_INFINITY;
  #untilMs = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#isThere =
      sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'answers'").toArray().length > 0;
    if (this.#isThere) this.#look();
  }

  /** Until when some answer is to be kept; 0 where there is none. */
  get untilMs(): number {
    return this.#untilMs;
  }

  get(key: string): StoredAnswer | null {
    if (!this.#isThere) return null;
    const query = "SELECT fingerprint, text, expires_at_ms FROM answers WHERE key = ?";
    const [row] = this.#sql.exec<AnswerRow>(query, key).toArray();
    if (row === undefined) return null;
    return { fingerprint: row.fingerprint, text: row.text, expiresAtMs: row.expires_at_ms };
  }

  put(answers: ReadonlyMap<string, StoredAnswer>, nowMs: number): void {
    if (answers.size === 0) return;
    if (!this.#isThere) this.#sql.exec(ANSWERS_SCHEMA);
    this.#isThere = true;
    for (const [key, { fingerprint, text, expiresAtMs }] of answers) {
      this.#sql.exec(
        "INSERT OR REPLACE INTO answers (key, fingerprint, text, expires_at_ms) VALUES (?, ?, ?, ?)",
        key,
        fingerprint,
        text,
        expiresAtMs,
      );
      this.#count += 1;
      this.#untilMs = Math.max(this.#untilMs, expiresAtMs);
      this.#firstExpiresAtMs = Math.min(this.#firstExpiresAtMs, expiresAtMs);
    }
    this.#clear(nowMs);
  }

  #clear(nowMs: number): void {
    if (this.#firstExpiresAtMs > nowMs && this.#count <= LIMITS.answersMax) return;
    this.#sql.exec("DELETE FROM answers WHERE expires_at_ms <= ?", nowMs);
    // Those that were given first, with some to spare, so that this is seldom.
    const oldest = "SELECT key FROM answers ORDER BY expires_at_ms DESC LIMIT -1 OFFSET ?";
    const keep = Math.floor(LIMITS.answersMax * 0.9);
    if (this.#count > LIMITS.answersMax) {
      this.#sql.exec(`DELETE FROM answers WHERE key IN (${oldest})`, keep);
    }
    this.#look();
  }

  #look(): void {
    const query =
      "SELECT COUNT(*) AS n, MIN(expires_at_ms) AS first, MAX(expires_at_ms) AS last FROM answers";
    const { n, first, last } = this.#sql
      .exec<{ n: number; first: number | null; last: number | null }>(query)
      .one();
    this.#count = n;
    this.#firstExpiresAtMs = first ?? Number.POSITIVE_INFINITY;
    this.#untilMs = last ?? 0;
  }
}
