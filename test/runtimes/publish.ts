import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../../tools/files.ts";
import { detailsOf, featureTable, inMarkdown, summaryTable, type Result } from "./results.ts";

const PAGE = join(ROOT, "docs/runtimes.md");
const [BEGIN, END] = ["<!-- from a run -->\n", "<!-- end of the run -->\n"];

/** Puts what a run has shown into docs/runtimes.md. */
export async function publish(results: readonly Result[]): Promise<void> {
  const text = await readFile(PAGE, "utf8");
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error("docs/runtimes.md has no place for the tables.");
  const details = detailsOf(results).map((line) => `- ${line}`);
  const parts = [
    inMarkdown(summaryTable(results)),
    inMarkdown(featureTable(results)),
    details.join("\n"),
  ];
  const made = parts.map((part) => `${part}\n\n`).join("");
  await writeFile(PAGE, `${text.slice(0, from)}${BEGIN}\n${made}${text.slice(to)}`);
}
