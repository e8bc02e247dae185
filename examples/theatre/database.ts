import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The database that the actors of a play share, as a service would share its Postgres: one file, many processes. */
export function openDatabase(folder: string): DatabaseSync {
  const database = new DatabaseSync(join(folder, "shared.sqlite"), { timeout: 30_000 });
  // Nothing here is to survive a power cut.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
  return database;
}

/** Rows as what the query says they are. */
export function rows<Row>(database: DatabaseSync, query: string): Row[] {
  return database.prepare(query).all() as Row[];
}
