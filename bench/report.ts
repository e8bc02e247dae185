import { availableParallelism } from "node:os";
import type { Case, Goal, Question, Unit } from "./case.ts";
import { median } from "./quantiles.ts";
import { spread, type Findings, type Spread } from "./rounds.ts";

/** On a quiet machine the bare runtime's figures stay well within this, from the slowest round to the fastest. */
const QUIET_SPREAD = 2;

export interface SideReport {
  readonly side: string;
  readonly figure: Spread;
  readonly ratio: Spread;
  readonly rounds: readonly number[];
}

export interface GoalReport extends Goal {
  readonly actual: number;
  readonly met: boolean;
}

/** What a question came to: what is printed, and what goes into the file. */
export interface QuestionReport {
  readonly case: string;
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  /** The bare runtime first. */
  readonly sides: readonly SideReport[];
  readonly goals: readonly GoalReport[];
  /** The bare runtime's own figures lie so far apart that the others say little. */
  readonly busy: boolean;
}

export function reportsOf(measured: Case, findings: readonly Findings[]): QuestionReport[] {
  return measured.questions.map((question, index) => {
    const figures = findings.map(({ side, rounds }) => ({
      side,
      rounds: rounds.map((figures) => figures[index] ?? Number.NaN),
    }));
    return reportOf(measured, question, figures);
  });
}

interface Figures {
  readonly side: string;
  readonly rounds: readonly number[];
}

function reportOf(
  { name: from, base }: Case,
  { name, title, unit, goals }: Question,
  figures: readonly Figures[],
): QuestionReport {
  const of = (wanted: string): readonly number[] =>
    figures.find(({ side }) => side === wanted)?.rounds ?? [];
  const sides = figures.map(({ side, rounds }) => ({
    side,
    figure: spread(rounds),
    ratio: spread(rounds.map((figure, round) => figure / (of(base.name)[round] ?? Number.NaN))),
    rounds,
  }));
  const judged = goals.map((goal): GoalReport => {
    const beside = of(goal.beside ?? base.name);
    const actual = median(
      of(goal.side).map((figure, round) => {
        const other = beside[round] ?? Number.NaN;
        if (goal.of === "figure") return figure;
        return goal.of === "ratio" ? figure / other : figure - other;
      }),
    );
    const met = goal.is === "at most" ? actual <= goal.limit : actual >= goal.limit;
    return { ...goal, actual, met };
  });
  const bare = spread(of(base.name));
  return {
    case: from,
    name,
    title,
    unit,
    sides,
    goals: judged,
    busy: bare.max > bare.min * QUIET_SPREAD,
  };
}

/** Figures depend on these. */
export function circumstances(): Record<string, string | number> {
  return { cores: availableParallelism(), node: process.version, platform: process.platform };
}
