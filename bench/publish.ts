/** `node bench/publish.ts FILE`: puts the results of one run into docs/benchmarks.md, and plots beside it. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../tools/files.ts";
import { plotOf } from "./plot.ts";
import { countsTable, goalsTable, timedTable, type Results } from "./tables.ts";

const [file] = process.argv.slice(2);
if (file === undefined)
  throw new Error("Which file? One that `npm run bench -- --json FILE` wrote.");

const results = JSON.parse(await readFile(file, "utf8")) as Results;
const plots = join(ROOT, "docs/benchmarks");
await mkdir(plots, { recursive: true });
for (const question of results.questions) {
  await writeFile(join(plots, `${question.name}.svg`), plotOf(question));
}

const page = join(ROOT, "docs/benchmarks.md");
const { cores, node, platform, quick } = results;
const where = `One ${quick ? "quick" : "full"} run on ${cores} cores, ${platform}, Node ${node}; client, servers and peers share them.\n`;
let text = await readFile(page, "utf8");
text = filled(text, "run", where);
text = filled(text, "goals", goalsTable(results));
text = filled(text, "timed", timedTable(results));
text = filled(text, "counts", countsTable(results));
await writeFile(page, text);

/** What stands between the two marks of the name is made anew. */
function filled(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}: from a run -->\n`, `<!-- ${name}: end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md has no place for ${name}.`);
  return `${text.slice(0, from)}${begin}\n${content}\n${text.slice(to)}`;
}
