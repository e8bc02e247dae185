import type { Count } from "./counts/count.ts";
import type { QuestionReport } from "./report.ts";
import { figureText, goalText, numberText } from "./wording.ts";

/** What `--json` writes. */
export interface Results {
  readonly cores: number;
  readonly node: string;
  readonly platform: string;
  readonly quick: boolean;
  readonly questions: readonly QuestionReport[];
  readonly counts: readonly Count[];
}

/** Every question with all its sides. */
export function timedTable({ questions }: Results): string {
  return questions
    .map((question) => {
      const rows = question.sides.map(({ side, figure, ratio }) => {
        const shown = (value: number): string => figureText(value, question.unit);
        const ratios = `${numberText(ratio.median, 2)} | ${numberText(ratio.min, 2)}–${numberText(ratio.max, 2)}`;
        return `| ${side} | ${shown(figure.median)} | ${shown(figure.min)}–${shown(figure.max)} | ${ratios} |`;
      });
      const goals = question.goals.map((goal) => `- ${bold(goalText(goal, question))}`);
      const noise = question.busy
        ? ["The machine was busy: these figures are an impression.\n"]
        : [];
      return [
        `### ${question.title}\n`,
        `| | ${question.unit} | (min–max) | ratio | (min–max) |`,
        "| --- | ---: | ---: | ---: | ---: |",
        ...rows,
        "",
        ...noise,
        ...goals,
        "",
        `![${question.title}](benchmarks/${question.name}.svg)\n`,
      ].join("\n");
    })
    .join("\n");
}

/** One line a goal. */
export function goalsTable({ questions, counts }: Results): string {
  const timed = questions.flatMap((question) =>
    question.goals.map((goal) => {
      const [, verdict = ""] = goalText(goal, question).split(": ");
      const wish = goalText(goal, question).split(": ")[0] ?? "";
      return `| ${question.title} | ${wish} | ${bold(verdict)} |`;
    }),
  );
  const counted = counts.flatMap(({ title, unit, entries }) =>
    entries.flatMap(({ what, figure, limit }) => {
      if (limit === undefined) return [];
      const verdict = figure <= limit ? "met" : "not met";
      const wish = `at most ${numberText(limit, Number.isInteger(limit) ? 0 : 2)} ${unit}`;
      const actual = numberText(figure, Number.isInteger(figure) ? 0 : 2);
      return [`| ${title}: ${what} | ${wish} | ${bold(`${verdict} (${actual})`)} |`];
    }),
  );
  return ["| work | goal | |", "| --- | --- | --- |", ...timed, ...counted, ""].join("\n");
}

export function countsTable({ counts }: Results): string {
  return counts
    .map(({ title, unit, entries }) => {
      const hasNotes = entries.some(({ note }) => note !== undefined);
      const rows = entries.map(({ what, figure, note = "" }) => {
        const shown =
          unit === "$" ? figure.toFixed(2) : numberText(figure, Number.isInteger(figure) ? 0 : 3);
        return hasNotes ? `| ${what} | ${shown} | ${note} |` : `| ${what} | ${shown} |`;
      });
      const head = hasNotes
        ? [`| | ${unit} | the sum |`, "| --- | ---: | --- |"]
        : [`| | ${unit} |`, "| --- | ---: |"];
      return [`### ${title}\n`, ...head, ...rows, ""].join("\n");
    })
    .join("\n");
}

/** A goal that is not met should be seen. */
function bold(text: string): string {
  return text.replace("not met", "**not met**");
}
