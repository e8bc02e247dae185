import type { Migration } from "./migrate_once.ts";

/** Rows in a piece: enough to be fast, few enough not to keep the service from the table. */
export const BATCH = 50;

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    step(database) {
      database.exec("ALTER TABLE users ADD COLUMN domain TEXT");
      return true;
    },
  },
  {
    version: 2,
    // What is filled in is not looked at again: it can be broken off after any piece.
    step(database) {
      const { changes } = database
        .prepare(
          `UPDATE users SET domain = substr(email, instr(email, '@') + 1)
           WHERE id IN (SELECT id FROM users WHERE domain IS NULL LIMIT ?)`,
        )
        .run(BATCH);
      return changes < BATCH;
    },
  },
  {
    version: 3,
    step(database) {
      database.exec("CREATE INDEX users_by_domain ON users (domain)");
      return true;
    },
  },
];
