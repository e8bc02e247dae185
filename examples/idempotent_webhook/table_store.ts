import type { DatabaseSync } from "node:sqlite";
import type { ResponseStore, StoredResponse } from "../../middleware/index.ts";

export const RESPONSES =
  "CREATE TABLE IF NOT EXISTS responses (key TEXT PRIMARY KEY, token INTEGER, response TEXT, expires_at_ms INTEGER)";

/** Answers in a table beside what they tell of. With Postgres the same statements do. */
export function tableStore(database: DatabaseSync): ResponseStore {
  return {
    get(key) {
      const row = database
        .prepare("SELECT response FROM responses WHERE key = ? AND expires_at_ms > ?")
        .get(key, Date.now());
      return row === undefined ? null : (JSON.parse(String(row["response"])) as StoredResponse);
    },
    put(key, response, { ttlMs }) {
      // What a paused instance has to say does not replace the answer of one that has overtaken it.
      database
        .prepare(
          `INSERT INTO responses (key, token, response, expires_at_ms) VALUES (?, ?, ?, ?)
           ON CONFLICT (key) DO UPDATE
           SET token = excluded.token, response = excluded.response, expires_at_ms = excluded.expires_at_ms
           WHERE excluded.token >= token`,
        )
        .run(key, response.token, JSON.stringify(response), Date.now() + ttlMs);
    },
    delete(key) {
      database.prepare("DELETE FROM responses WHERE key = ?").run(key);
    },
  };
}
