import type { Goal } from "./case.ts";
import type { QuestionReport, SideReport } from "./report.ts";
import type { Spread } from "./rounds.ts";
import { figureText, numberText } from "./wording.ts";

const WIDTH = 760;
const NAMES_WIDTH = 250;
const LABELS_WIDTH = 130;
const BARS_WIDTH = WIDTH - NAMES_WIDTH - LABELS_WIDTH;
const TOP = 44;
const ROW = 26;
const BAR = 14;
/** Where figures lie further apart than this, the small ones would not be seen. */
const LINEAR_MAX = 20;

type Scale = (value: number) => number;

/** One question as an SVG: a bar for each side's median, a line from its least round to its greatest, and the goal. */
export function plotOf(report: QuestionReport): string {
  const { title, unit, sides, goals } = report;
  const isRatio = goals[0]?.of === "ratio" && goals[0].beside === undefined;
  const spreadOf = (side: SideReport): Spread => (isRatio ? side.ratio : side.figure);
  const limits = goals.flatMap((goal) => limitOf(goal, isRatio));
  const spreads = sides.map(spreadOf);
  const least = Math.min(...spreads.map(({ min }) => min), ...limits);
  const greatest = Math.max(...spreads.map(({ max }) => max), ...limits);
  const isLogarithmic = greatest > least * LINEAR_MAX;
  const x = isLogarithmic ? logarithmic(least / 2, greatest) : linear(greatest);
  const height = TOP + sides.length * ROW + 12;
  const bars = sides.map((side, index) => {
    const label = figureText(side.figure.median, unit);
    const text = isRatio ? `${numberText(side.ratio.median, 2)} (${label})` : label;
    return bar({ side: side.side, at: spreadOf(side), text }, TOP + index * ROW, x);
  });
  const lines = [...new Set(limits)].map(
    (limit) =>
      `<line x1="${x(limit)}" x2="${x(limit)}" y1="${TOP - 6}" y2="${height - 8}" class="goal"/>`,
  );
  const measure = isRatio ? `beside ${sides[0]?.side ?? ""} (and ${unit})` : unit;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">
<title>${escaped(title)}</title>
<style>
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 } .bare { fill: #8c959f } .ours { fill: #0969da }
  .spread { stroke: #24292f; stroke-width: 1.5 } .goal { stroke: #cf222e; stroke-dasharray: 4 3 }
</style>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="8" y="18" class="title">${escaped(title)}</text>
<text x="8" y="34">${escaped(isLogarithmic ? `${measure}, logarithmic` : measure)}</text>
${[...bars, ...lines].join("\n")}
</svg>
`;

  /** The bare runtime and the peers are grey. */
  function bar(
    { side, at, text }: { side: string; at: Spread; text: string },
    top: number,
    x: Scale,
  ): string {
    const middle = top + BAR / 2;
    const kind = goals.some((goal) => goal.side === side) ? "ours" : "bare";
    return `<text x="8" y="${middle + 4}">${escaped(side)}</text>
<rect x="${NAMES_WIDTH}" y="${top}" width="${x(at.median) - NAMES_WIDTH}" height="${BAR}" class="${kind}"/>
<line x1="${x(at.min)}" x2="${x(at.max)}" y1="${middle}" y2="${middle}" class="spread"/>
<text x="${x(Math.max(at.max, at.median)) + 6}" y="${middle + 4}">${escaped(text)}</text>`;
  }
}

function linear(greatest: number): Scale {
  return (value) => NAMES_WIDTH + (value / greatest) * BARS_WIDTH;
}

function logarithmic(from: number, to: number): Scale {
  return (value) => NAMES_WIDTH + (Math.log(value / from) / Math.log(to / from)) * BARS_WIDTH;
}

/** Where the plot's scale shows it. */
function limitOf(goal: Goal, isRatio: boolean): number[] {
  const isShown = isRatio ? goal.of === "ratio" : goal.of === "figure";
  return isShown ? [goal.limit] : [];
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
