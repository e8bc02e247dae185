import type { Count } from "./counts/count.ts";
import type { QuestionReport } from "./report.ts";
import { figureText, goalText, numberText } from "./wording.ts";

/** The console's tables. */

export function printQuestion(report: QuestionReport): void {
  const { title, unit, sides, goals, busy } = report;
  console.log(`\n${title}`);
  console.log(row(["", unit, "(min–max)", "ratio", "(min–max)"]));
  for (const { side, figure, ratio } of sides) {
    const shown = (value: number): string => figureText(value, unit);
    const ratios = (value: number): string => numberText(value, 2);
    console.log(
      row([
        side,
        shown(figure.median),
        `(${shown(figure.min)}–${shown(figure.max)})`,
        ratios(ratio.median),
        `(${ratios(ratio.min)}–${ratios(ratio.max)})`,
      ]),
    );
  }
  if (busy) console.log("  The machine was busy: take these figures for an impression.");
  for (const goal of goals) console.log(`  Goal: ${goalText(goal, report)}`);
}

export function printCount({ title, unit, entries }: Count): void {
  console.log(`\n${title}`);
  for (const { what, figure, limit, note } of entries) {
    const goal =
      limit === undefined ? "" : `  at most ${limit}: ${figure <= limit ? "met" : "not met"}`;
    const shown = numberText(figure, Number.isInteger(figure) ? 0 : 3);
    console.log(`  ${what.padEnd(44)}${shown.padStart(10)} ${unit}${goal}`);
    if (note !== undefined) console.log(`      ${note}`);
  }
}

function row([side = "", ...columns]: readonly string[]): string {
  const widths = [12, 20, 9, 16];
  const padded = columns.map((column, index) => column.padStart(widths[index] ?? 0));
  return `  ${side.padEnd(30)}${padded.join("")}`;
}
