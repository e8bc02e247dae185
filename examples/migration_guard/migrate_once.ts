import type { DatabaseSync } from "node:sqlite";
import type { Latchwork } from "../../sdk/index.ts";
import { fenced, FENCES } from "../fencing/fence.ts";

export interface Migration {
  /** 1, 2, 3…: never changed once it was released. */
  readonly version: number;
  /**
   * Does a piece of the work; returns whether it was the last. A piece is one transaction: seconds at most, since a
   * lost lease is noticed only between two of them. Where the database commits some statements by itself, as MySQL does
   * with ALTER TABLE, each must be such that doing it again does no harm.
   */
  readonly step: (database: DatabaseSync) => boolean;
}

export interface MigrationOptions {
  readonly name: string;
  readonly migrations: readonly Migration[];
  /** Ends the wait and the work. Better not to start in time than to serve with a schema that is not there yet. */
  readonly signal: AbortSignal;
}

const SCHEMA_HISTORY =
  "CREATE TABLE IF NOT EXISTS schema_history (version INTEGER PRIMARY KEY, token INTEGER NOT NULL)";

/**
 * Settles when the database is as this program needs it. However many instances start at once, one migrates while the
 * others wait; if it dies half-way, the next goes on at the piece that was not committed.
 *
 * @returns how many pieces this instance has done.
 */
export async function migrateOnce(
  latchwork: Latchwork,
  database: DatabaseSync,
  { name, migrations, signal }: MigrationOptions,
): Promise<number> {
  database.exec(FENCES);
  database.exec(SCHEMA_HISTORY);
  const needed = Math.max(0, ...migrations.map(({ version }) => version));
  // So it is at most starts, and these depend on nothing but the database.
  if (versionOf(database) >= needed) return 0;

  const resource = `migrations/${name}`;
  const work = async (token: number, lost: AbortSignal): Promise<number> => {
    let pieces = 0;
    for (const { version, step } of migrations) {
      while (versionOf(database) < version) {
        AbortSignal.any([lost, signal]).throwIfAborted();
        // The version is written with the last piece, or neither is; and both only by whoever has the lock.
        fenced(database, { resource, token }, () => {
          if (!step(database)) return;
          database.prepare("INSERT INTO schema_history VALUES (?, ?)").run(version, token);
        });
        pieces += 1;
        // This driver is synchronous: without a pause the lease would not be renewed, nor its loss be heard of.
        await new Promise(setImmediate);
      }
    }
    return pieces;
  };
  return latchwork.lock(resource).run((lease) => work(lease.token, lease.signal), { signal });
}

export function versionOf(database: DatabaseSync): number {
  const row = database.prepare("SELECT max(version) AS version FROM schema_history").get();
  return Number(row?.["version"] ?? 0);
}
