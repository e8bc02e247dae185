import type { DatabaseSync } from "node:sqlite";
import type { Job, Ledger } from "./queue.ts";

export const LEDGER =
  "CREATE TABLE ledger (id TEXT PRIMARY KEY, attempts INTEGER, worker TEXT, result TEXT, error TEXT, done INTEGER)";

/** The ledger as a table. With Postgres the same statements do. */
export class TableLedger<Item extends Job> implements Ledger<Item, string> {
  readonly #database: DatabaseSync;
  readonly #worker: string;

  constructor(database: DatabaseSync, worker: string) {
    this.#database = database;
    this.#worker = worker;
  }

  begin({ id }: Item): { attempt: number; isDone: boolean } {
    const row = this.#database
      .prepare(
        `INSERT INTO ledger (id, attempts, done) VALUES (?, 1, 0)
         ON CONFLICT (id) DO UPDATE SET attempts = attempts + 1 RETURNING attempts, done`,
      )
      .get(id);
    return { attempt: Number(row?.["attempts"]), isDone: row?.["done"] === 1 };
  }

  finish({ id }: Item, outcome: { result: string } | { error: unknown }): void {
    const result = "result" in outcome ? outcome.result : null;
    const error = "error" in outcome ? String(outcome.error) : null;
    this.#database
      .prepare(
        "UPDATE ledger SET result = ?, error = ?, worker = ?, done = 1 WHERE id = ? AND done = 0",
      )
      .run(result, error, this.#worker, id);
  }

  finished(): number {
    const row = this.#database.prepare("SELECT count(*) AS count FROM ledger WHERE done = 1").get();
    return Number(row?.["count"]);
  }
}
