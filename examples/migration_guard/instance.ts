/** An instance of a service that is being deployed: it migrates, or waits, and then serves with the new schema. */
import type { DatabaseSync } from "node:sqlite";
import { openDatabase } from "../theatre/database.ts";
import { act } from "../theatre/part.ts";
import { migrateOnce, versionOf, type Migration } from "./migrate_once.ts";
import { MIGRATIONS } from "./migrations.ts";

export interface InstanceRole {
  readonly name: string;
  readonly folder: string;
  /** Whoever began the migration stands still in the middle of the piece that fills in so many rows. */
  readonly haltsAtRows: number;
}

export type InstanceSaid =
  | { readonly is: "starts" }
  | { readonly is: "works"; readonly version: number; readonly rows: number }
  | { readonly is: "stands still, with a piece not committed"; readonly rows: number }
  | {
      readonly is: "serves";
      readonly version: number;
      readonly pieces: number;
      readonly found: number;
    };

await act<InstanceRole, InstanceSaid>(async ({ role, latchwork, ending, say }) => {
  const database = openDatabase(role.folder);
  say({ is: "starts" });
  let hasBegun = false;

  function watched({ version, step }: Migration): Migration {
    return {
      version,
      step(database) {
        hasBegun ||= version === 1;
        const isLast = step(database);
        const rows = count(database, "domain IS NOT NULL");
        if (hasBegun && rows >= role.haltsAtRows) {
          say({ is: "stands still, with a piece not committed", rows });
          // For good, and within the transaction: the director kills it here.
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
        }
        say({ is: "works", version, rows });
        return isLast;
      },
    };
  }

  const pieces = await migrateOnce(latchwork, database, {
    name: "users",
    migrations: MIGRATIONS.map(watched),
    signal: ending,
  });
  const found = count(database, "domain = 'example.org'");
  say({ is: "serves", version: versionOf(database), pieces, found });
});

function count(database: DatabaseSync, where: string): number {
  const row = database.prepare(`SELECT count(*) AS count FROM users WHERE ${where}`).get();
  return Number(row?.["count"]);
}
