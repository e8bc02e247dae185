/** Runs one test file of the SDK on every runtime, and says what each of them lacks. See `--help`. */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { ROOT } from "../../tools/files.ts";
import { openHouse } from "./house.ts";
import { installRuntimes } from "./install.ts";
import { publish } from "./publish.ts";
import {
  counted,
  detailsOf,
  featureTable,
  inColumns,
  isGood,
  resultOf,
  summaryTable,
  type Result,
} from "./results.ts";
import { runtimesIn } from "./runtimes.ts";

const HELP = `node test/runtimes/main.ts [--only Bun,Deno] [--times] [--publish]
  --only     only these runtimes: Node 22, Node 24, Bun, Deno, workerd, Chromium
  --times    print how long each case took
  --publish  put the tables into docs/runtimes.md`;

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    times: { type: "boolean", default: false },
    publish: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) console.log(HELP);
else {
  await main(values.only?.toLowerCase().split(",") ?? null);
  // All is disposed of. After a run in workerd Node (24.21) would spin here instead of ending.
  process.exit();
}

async function main(only: readonly string[] | null): Promise<void> {
  installRuntimes();
  buildPackage();
  await using stack = new AsyncDisposableStack();
  const house = await openHouse(stack);
  const results: Result[] = [];
  for (const runtime of runtimesIn(house)) {
    if (only !== null && !only.includes(runtime.name.toLowerCase())) continue;
    const result = await resultOf(runtime);
    results.push(result);
    tell(result);
  }
  console.log(`\n${inColumns(summaryTable(results))}`);
  console.log(`\nWhat they have:\n${inColumns(featureTable(results))}`);
  console.log(`\n${detailsOf(results).join("\n")}`);
  if (results.length === 0) throw new Error(`No runtime is called that.\n${HELP}`);
  if (!isGood(results)) process.exitCode = 1;
  else if (values.publish) await publish(results);
}

/** The suite runs against what users install, as it is now. */
function buildPackage(): void {
  const options = { cwd: ROOT, stdio: "inherit" } as const;
  const { status } = spawnSync("npm", ["run", "--silent", "build"], options);
  if (status !== 0) throw new Error(`npm run build ended with ${status}.`);
}

function tell(result: Result): void {
  const { name, version, isHere, cases, tookMs } = result;
  if (!isHere) return console.log(`${name}: ${version}`);
  console.log(`${name} ${version}: ${(tookMs / 1_000).toFixed(1)} s`);
  for (const { title, detail } of counted(result, "lacking")) {
    console.log(`  lacks ${detail}, so this is not shown: ${title}`);
  }
  for (const { title, detail } of counted(result, "failed")) {
    console.log(`  FAILED ${title}\n${detail.replaceAll(/^/gm, "    ")}`);
  }
  if (!values.times) return;
  for (const { title, tookMs } of cases)
    console.log(`  ${String(tookMs).padStart(6)} ms  ${title}`);
}
