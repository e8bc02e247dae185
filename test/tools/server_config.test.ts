import { join } from "node:path";
import { expect, test } from "vitest";
import { unstable_readConfig } from "wrangler";
import { COMPATIBILITY_DATE, COMPATIBILITY_FLAGS, OBJECT_CLASSES } from "../../server/config.ts";
import { ROOT } from "../../tools/files.ts";

/** What is compared of it. */
interface Config {
  readonly durable_objects: { readonly bindings: { class_name: string; name: string }[] };
  readonly compatibility_date?: string;
  readonly compatibility_flags: string[];
  readonly migrations: { new_sqlite_classes?: string[] }[];
}

test("the embedded server runs what wrangler.toml deploys", () => {
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- wrangler's types need the platform's, which are not for Node
  const config: Config = unstable_readConfig({ config: join(ROOT, "wrangler.toml") });
  const bindings = config.durable_objects.bindings.map(({ class_name, name }) => [
    class_name,
    name,
  ]);
  expect(OBJECT_CLASSES).toEqual(Object.fromEntries(bindings));
  expect(COMPATIBILITY_DATE).toBe(config.compatibility_date);
  expect(COMPATIBILITY_FLAGS).toEqual(config.compatibility_flags);
  const migrated = config.migrations.flatMap(({ new_sqlite_classes }) => new_sqlite_classes ?? []);
  expect(migrated).toEqual(Object.keys(OBJECT_CLASSES));
});
