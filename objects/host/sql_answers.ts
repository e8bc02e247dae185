import { LIMITS } from "../../sdk/protocol.ts";
import type { StoredAnswer } from "./ports.ts";
import { ANSWERS_SCHEMA, type AnswerRow } from "./schema.ts";

/** What of them is kept when there are too many: some are spared, so that this is seldom. */
const KEPT_PART = 0.9;

/** How many there are, how large they are, and when the first and the last of them expires. */
interface Extent {
  readonly count: number;
  readonly characters: number;
  readonly firstExpiresAtMs: number;
  readonly untilMs: number;
}

const NONE: Extent = {
  count: 0,
  characters: 0,
  firstExpiresAtMs: Number.POSITIVE_INFINITY,
  untilMs: 0,
};

/**
 * What calls with idempotency keys were answered, in the object's database. Most objects never have any, so the table
 * is made with the first; and those that have expired go when another comes, so that nothing wakes for them.
 */
export class SqlAnswers {
  readonly #sql: SqlStorage;
  #isThere: boolean;
  #extent = NONE;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const table = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'answers'");
    this.#isThere = table.toArray().length > 0;
    if (this.#isThere) this.#extent = this.#measured();
  }

  /** Until when some answer is to be kept; 0 where there is none. */
  get untilMs(): number {
    return this.#extent.untilMs;
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
    for (const [key, answer] of answers) this.#insert(key, answer);
    const { count, characters, firstExpiresAtMs } = this.#extent;
    const isTooMuch = count > LIMITS.answersMax || characters > LIMITS.answersCharactersMax;
    if (firstExpiresAtMs <= nowMs || isTooMuch) this.#clear(nowMs);
  }

  /** Everything is removed by whoever owns the database. */
  wiped(): void {
    this.#isThere = false;
    this.#extent = NONE;
  }

  #insert(key: string, { fingerprint, text, expiresAtMs }: StoredAnswer): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO answers (key, fingerprint, text, expires_at_ms) VALUES (?, ?, ?, ?)",
      key,
      fingerprint,
      text,
      expiresAtMs,
    );
    const { count, characters, firstExpiresAtMs, untilMs } = this.#extent;
    this.#extent = {
      count: count + 1,
      characters: characters + text.length,
      firstExpiresAtMs: Math.min(firstExpiresAtMs, expiresAtMs),
      untilMs: Math.max(untilMs, expiresAtMs),
    };
  }

  /** Those that have expired go; and if that is not enough, those that were given first. */
  #clear(nowMs: number): void {
    this.#sql.exec("DELETE FROM answers WHERE expires_at_ms <= ?", nowMs);
    this.#extent = this.#measured();
    const { count, characters } = this.#extent;
    if (count <= LIMITS.answersMax && characters <= LIMITS.answersCharactersMax) return;
    this.#sql.exec(
      `DELETE FROM answers WHERE key IN (
         SELECT key FROM (
           SELECT key,
             ROW_NUMBER() OVER latest AS nth,
             SUM(LENGTH(text)) OVER latest AS kept
           FROM answers
           WINDOW latest AS (ORDER BY expires_at_ms DESC, key ROWS UNBOUNDED PRECEDING)
         ) WHERE nth > ? OR kept > ?
       )`,
      Math.floor(LIMITS.answersMax * KEPT_PART),
      Math.floor(LIMITS.answersCharactersMax * KEPT_PART),
    );
    this.#extent = this.#measured();
  }

  #measured(): Extent {
    const query = `SELECT COUNT(*) AS count, COALESCE(SUM(LENGTH(text)), 0) AS characters,
      MIN(expires_at_ms) AS first, MAX(expires_at_ms) AS last FROM answers`;
    const { count, characters, first, last } = this.#sql
      .exec<{ count: number; characters: number; first: number | null; last: number | null }>(query)
      .one();
    const firstExpiresAtMs = first ?? Number.POSITIVE_INFINITY;
    return { count, characters, firstExpiresAtMs, untilMs: last ?? 0 };
  }
}
