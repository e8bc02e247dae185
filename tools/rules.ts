/** Prints the rules of docs/semantics.md that no test's title bears. See `--help`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readFiles, ROOT } from "./files.ts";
import { coverageOf } from "./rule_ids.ts";

const HELP = `node tools/rules.ts [--groups W,LE] [--strict]
  --groups  only the rules of these groups
  --strict  exit with 1 if a rule has no test, or a title bears an ID that is no rule`;

const { values } = parseArgs({
  options: {
    groups: { type: "string" },
    strict: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) console.log(HELP);
else process.exitCode = report(values.groups?.split(",") ?? null) && values.strict ? 1 : 0;

/** True if something is missing. */
function report(groups: readonly string[] | null): boolean {
  const specification = readFileSync(join(ROOT, "docs/semantics.md"), "utf8");
  // The tests of this very tool bear IDs as data.
  const tests = readFiles(["test/**/*.test.ts"]).filter(
    ({ path }) => !path.startsWith("test/tools/"),
  );
  const { rules, untested, unknown } = coverageOf(specification, tests, groups);
  const absent = (groups ?? []).filter((group) => !rules.some((rule) => rule.group === group));

  const names = new Set(untested.map(({ group }) => group));
  for (const name of names) {
    const ids = untested.filter(({ group }) => group === name).map(({ id }) => id);
    console.log(`${name}: no test for ${ids.join(", ")}`);
  }
  for (const { id, path } of unknown)
    console.log(`${path}: [${id}] is no rule of docs/semantics.md`);
  for (const group of absent) console.log(`${group}: docs/semantics.md has no such group`);
  console.log(`${rules.length - untested.length} of ${rules.length} rules have a test`);
  return untested.length + unknown.length + absent.length > 0;
}
