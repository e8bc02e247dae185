import { FEATURES, type FeatureId } from "./inside/features.ts";
import type { CaseReport, FeatureReport, Report } from "./inside/setup.ts";
import type { Runtime } from "./runtime.ts";

/** What one runtime has shown. */
export interface Result extends Pick<Runtime, "name" | "version"> {
  /** False where the runtime is not here. */
  readonly isHere: boolean;
  readonly features: readonly FeatureReport[];
  readonly cases: readonly CaseReport[];
  readonly tookMs: number;
}

export async function resultOf({ name, version, play }: Runtime): Promise<Result> {
  const startedAtMs = Date.now();
  const reports: Report[] = [];
  for await (const report of play?.() ?? []) reports.push(report);
  return {
    name,
    version,
    isHere: play !== null,
    features: reports.filter((report) => report.kind === "feature"),
    cases: reports.filter((report) => report.kind === "case"),
    tookMs: Date.now() - startedAtMs,
  };
}

export function counted(result: Result, outcome: CaseReport["outcome"]): readonly CaseReport[] {
  return result.cases.filter((each) => each.outcome === outcome);
}

/** True if every runtime that is here has shown all that it does not lack. */
export function isGood(results: readonly Result[]): boolean {
  return results.every(
    (result) =>
      !result.isHere ||
      (counted(result, "passed").length > 0 && counted(result, "failed").length === 0),
  );
}

/** Runtime by runtime: how many cases it has passed, and what it lacks. */
export function summaryTable(results: readonly Result[]): string[][] {
  const rows = results.map((result) => [
    result.name,
    result.version,
    ...(["passed", "failed", "lacking"] as const).map((outcome) =>
      result.isHere ? String(counted(result, outcome).length) : "–",
    ),
  ]);
  return [["runtime", "version", "passed", "failed", "lacking"], ...rows];
}

/** Feature by feature: which runtimes have it. */
export function featureTable(results: readonly Result[]): string[][] {
  const here = results.filter(({ isHere }) => isHere);
  const rows: string[][] = [];
  for (const id of Object.keys(FEATURES) as FeatureId[]) {
    const found = here.map(({ features }) => features.find((each) => each.id === id));
    const said = found.map((feature) => (feature === undefined ? "?" : feature.has ? "yes" : "no"));
    rows.push([FEATURES[id], ...said]);
  }
  return [["", ...here.map(({ name }) => name)], ...rows];
}

/** What there is to say beyond yes and no. */
export function detailsOf(results: readonly Result[]): string[] {
  return results.flatMap(({ name, features }) =>
    features
      .filter(({ detail }) => detail !== "")
      .map(({ id, detail }) => `${name}, ${FEATURES[id as FeatureId]}: ${detail}`),
  );
}

export function inColumns(table: readonly (readonly string[])[]): string {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => (row[column] ?? "").length)),
  );
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return table.map((row) => line(row).trimEnd()).join("\n");
}

export function inMarkdown([header = [], ...rows]: readonly (readonly string[])[]): string {
  const lines = [header, header.map(() => "---"), ...rows];
  return lines.map((row) => `| ${row.join(" | ")} |`).join("\n");
}
