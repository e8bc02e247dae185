import type { Unit } from "./case.ts";
import type { GoalReport, QuestionReport } from "./report.ts";

/** Figures and goals in words, the same on the console and in the documents. */

const DIGITS: Record<Unit, number> = {
  ms: 3,
  "messages/s": 0,
  "cycles/s": 0,
  "items/s": 0,
  kB: 1,
  "p99 ÷ mean": 2,
};

export function figureText(value: number, unit: Unit): string {
  return numberText(value, unit === "ms" && Math.abs(value) >= 100 ? 0 : DIGITS[unit]);
}

export function numberText(value: number, digits: number): string {
  return value.toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** "SDK at most 1.25 × echo: met (1.17)". */
export function goalText(goal: GoalReport, { unit, sides }: QuestionReport): string {
  const beside = goal.beside ?? sides[0]?.side ?? "";
  const wish = `${goal.side} ${goal.is} `;
  const verdict = goal.met ? "met" : "not met";
  switch (goal.of) {
    case "figure":
      return `${wish}${goal.limit}: ${verdict} (${figureText(goal.actual, unit)})`;
    case "ratio":
      return `${wish}${goal.limit} × ${beside}: ${verdict} (${numberText(goal.actual, 3)})`;
    case "difference": {
      const more = `${goal.limit} ${unit} more than ${beside}`;
      return `${wish}${more}: ${verdict} (${figureText(goal.actual, unit)})`;
    }
  }
}
