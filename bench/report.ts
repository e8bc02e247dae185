import { availableParallelism } from "node:os";
import type { Case } from "./case.ts";
import { spread, type Findings } from "./rounds.ts";

/** On a quiet machine the bare runtime's figures stay well within this, from the slowest round to the fastest. */
const QUIET_SPREAD = 2;

/** What a case came to: what is printed, and what goes into the file. */
export interface CaseReport {
  readonly name: string;
  readonly title: string;
  readonly unit: Case["unit"];
  readonly sides: readonly ReturnType<typeof summary>[];
  readonly goal: Case["goal"] & { readonly actual: number; readonly met: boolean };
}

export function reportOf(measured: Case, findings: readonly Findings[]): CaseReport {
  const { name, title, unit, goal } = measured;
  const sides = findings.map(summary);
  const actual = sides.find(({ side }) => side === goal.side)?.ratio.median ?? Number.NaN;
  const met = goal.is === "at most" ? actual <= goal.ratio : actual >= goal.ratio;
  return { name, title, unit, sides, goal: { ...goal, actual, met } };
}

/** Figures depend on these. */
export function circumstances(): Record<string, string | number> {
  return { cores: availableParallelism(), node: process.version, platform: process.platform };
}

export function print({ title, unit, sides, goal }: CaseReport): void {
  console.log(`\n${title}`);
  console.log(row(["", unit, "(min–max)", "ratio", "(min–max)"]));
  for (const { side, figure, ratio } of sides) {
    const digits = unit === "ms" ? 3 : 0;
    console.log(row([side, ...shown(figure, digits), ...shown(ratio, 2)]));
  }
  const verdict = goal.met ? "met" : "not met";
  const wish = `${goal.side} ${goal.is} ${goal.ratio} × ${sides[0]?.side ?? ""}`;
  if (isBusy(sides[0]))
    console.log("  The machine was busy: take these figures for an impression.");
  console.log(`  Goal: ${wish}: ${verdict} (${goal.actual.toFixed(2)})`);
}

function isBusy(base: CaseReport["sides"][number] | undefined): boolean {
  return base !== undefined && base.figure.max > base.figure.min * QUIET_SPREAD;
}

function summary({ side, figures, ratios }: Findings) {
  return {
    side,
    figure: spread(figures),
    ratio: spread(ratios),
    rounds: figures.map((figure, round) => ({ figure, ratio: ratios[round] })),
  };
}

function shown(values: { median: number; min: number; max: number }, digits: number): string[] {
  const text = (value: number): string =>
    value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return [text(values.median), `(${text(values.min)}–${text(values.max)})`];
}

function row([side = "", ...columns]: readonly string[]): string {
  const widths = [12, 18, 8, 14];
  const padded = columns.map((column, index) => column.padStart(widths[index] ?? 0));
  return `  ${side.padEnd(24)}${padded.join("")}`;
}
