/** Four instances start at once: one migrates, is killed half-way, and another goes on; the rest wait until it is done. */
import type { DatabaseSync } from "node:sqlite";
import { fenced, StaleTokenError } from "../fencing/fence.ts";
import type { Actor } from "../theatre/actor.ts";
import { openDatabase, rows } from "../theatre/database.ts";
import type { Finding } from "../theatre/finding.ts";
import { play } from "../theatre/play.ts";
import type { InstanceSaid } from "./instance.ts";
import { BATCH, MIGRATIONS } from "./migrations.ts";

const USERS = 6 * BATCH;
const HALTS_AT_ROWS = 3 * BATCH;
const INSTANCES = 4;
const HALF_WAY = "stands still, with a piece not committed";

await play(`A migration guard, with ${INSTANCES} instances that start at once`, async (stage) => {
  const { latchwork, folder } = stage;
  const database = openDatabase(folder);
  database.exec("CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL)");
  const add = database.prepare("INSERT INTO users (email) VALUES (?)");
  for (let user = 1; user <= USERS; user += 1) {
    add.run(`user-${user}@example.${user % 2 === 0 ? "org" : "net"}`);
  }
  const start = (name: string): Actor<InstanceSaid> =>
    stage.cast(name, new URL("instance.ts", import.meta.url), {
      folder,
      haltsAtRows: HALTS_AT_ROWS,
    });

  const instances = Array.from({ length: INSTANCES }, (_, n) => start(`instance-${n + 1}`));
  const first = await Promise.race(instances.map((each) => each.says(HALF_WAY).then(() => each)));
  const others = instances.filter((each) => each !== first);
  await Promise.all(others.map((each) => each.says("starts")));
  const served = others.flatMap((each) => each.heard("serves")).length;
  stage.narrate(`${first.name} is killed; the others wait for its TTL`);
  await first.kill();
  await Promise.all(others.map((each) => each.ended));

  await using _held = await latchwork.lock("migrations/users").acquire();
  stage.narrate(`${first.name} is started again; the director holds the lock all the while`);
  const again = start(first.name);
  await again.ended;

  return [
    { text: `${served} instances served before the schema was there`, good: served === 0 },
    ...judgeWork(first, others, database),
    ...judgeHistory(database),
    ...judgeServing([...others, again]),
    {
      text: `${again.name} did ${pieces(again)} pieces, and needed no lock to start again`,
      good: pieces(again) === 0,
    },
  ];
});

function pieces(instance: Actor<InstanceSaid>): number {
  return instance.heard("serves")[0]?.pieces ?? Number.NaN;
}

function judgeWork(
  first: Actor<InstanceSaid>,
  others: readonly Actor<InstanceSaid>[],
  database: DatabaseSync,
): readonly Finding[] {
  const heirs = others.filter((each) => pieces(each) > 0);
  const [undone] = first.heard(HALF_WAY);
  const began = heirs[0]?.heard("works")[0]?.rows ?? Number.NaN;
  const [{ filled } = { filled: 0 }] = rows<{ filled: number }>(
    database,
    "SELECT count(*) AS filled FROM users WHERE domain = substr(email, instr(email, '@') + 1)",
  );
  const idle = others.length - heirs.length;
  return [
    {
      text: `${heirs.map(({ name }) => name).join(", ")} went on, ${idle} others waited and had nothing to do`,
      good: heirs.length === 1 && idle === others.length - 1,
    },
    {
      text: `the piece that ${first.name} had not committed was done again: ${undone?.rows} rows then, ${began} rows now; ${filled} of ${USERS} in the end`,
      good: undone?.rows === HALTS_AT_ROWS && began === HALTS_AT_ROWS && filled === USERS,
    },
  ];
}

function judgeHistory(database: DatabaseSync): readonly Finding[] {
  const history = rows<{ version: number; token: number }>(
    database,
    "SELECT version, token FROM schema_history ORDER BY version",
  );
  const versions = history.map(({ version }) => version).join(", ");
  const [one, two, three] = history.map(({ token }) => token);
  const stale = isRefused(database, one ?? Number.NaN);
  return [
    {
      text: `versions ${versions} were each made once; the first by the one that died, the others with a greater token`,
      good:
        versions === MIGRATIONS.map(({ version }) => version).join(", ") &&
        Number(one) < Number(two) &&
        two === three,
    },
    { text: `a write with the dead one's token is ${stale ? "refused" : "accepted"}`, good: stale },
  ];
}

function isRefused(database: DatabaseSync, token: number): boolean {
  try {
    fenced(database, { resource: "migrations/users", token }, () => {});
    return false;
  } catch (error) {
    return error instanceof StaleTokenError;
  }
}

function judgeServing(instances: readonly Actor<InstanceSaid>[]): readonly Finding[] {
  const serving = instances.flatMap((each) => each.heard("serves"));
  const found = [...new Set(serving.map((each) => each.found))];
  const versions = [...new Set(serving.map(({ version }) => version))];
  return [
    {
      text: `${serving.length} instances serve with version ${versions.join(", ")}, and find ${found.join(", ")} users by the new column`,
      good:
        serving.length === INSTANCES &&
        versions.join() === String(MIGRATIONS.length) &&
        found.join() === String(USERS / 2),
    },
  ];
}
