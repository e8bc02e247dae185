import type { DatabaseSync } from "node:sqlite";

/** Somebody with a greater token has been here: whoever gets this has lost its lease, known to it or not. */
export class StaleTokenError extends Error {
  override readonly name = "StaleTokenError";
}

/** Once per database. Tokens are whole numbers below 2^53: BIGINT where integers are smaller. */
export const FENCES =
  "CREATE TABLE IF NOT EXISTS fences (resource TEXT PRIMARY KEY, token INTEGER NOT NULL)";

/**
 * Writes in one transaction with the check of the writer's token: what comes with a smaller token than was seen
 * before is refused, and changes nothing. Check and write must be one transaction, or a writer could be overtaken
 * between the two.
 *
 * @param options.resource what the lease guards; its tokens are those of one name, and compare with no other's.
 * @throws StaleTokenError when a greater token was seen.
 */
export function fenced<Value>(
  database: DatabaseSync,
  { resource, token }: { resource: string; token: number },
  write: () => Value,
): Value {
  database.exec("BEGIN IMMEDIATE");
  try {
    const { changes } = database
      .prepare(
        `INSERT INTO fences (resource, token) VALUES (?, ?)
         ON CONFLICT (resource) DO UPDATE SET token = excluded.token WHERE excluded.token >= token`,
      )
      .run(resource, token);
    if (changes === 0) throw new StaleTokenError(`${resource}: token ${token} was overtaken.`);
    const value = write();
    database.exec("COMMIT");
    return value;
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}
