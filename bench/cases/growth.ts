import type { Case, Setting, Side } from "../case.ts";
import { p50 } from "../load.ts";
import { openLine } from "../line.ts";

const LENGTHS = [10, 1_000, 30_000];
/** A session has at most 16,384 claims. */
const SESSIONS = 2;

/** Does a long line make it dearer to join it, and to be granted at its head? A step does both, in one frame. */
export async function growthCase({ latchwork, stack }: Setting): Promise<Case> {
  const sides: Side[] = [];
  for (const waiters of LENGTHS) {
    const name = `bench/growth/${waiters}`;
    const line = await openLine(latchwork, { name, waiters, sessions: SESSIONS }, stack);
    sides.push(p50(sideName(waiters), () => line.step()));
  }
  const [base, ...others] = sides;
  if (base === undefined) throw new Error("No line was opened.");
  return {
    name: "growth",
    base,
    sides: others,
    questions: [
      {
        name: "growth",
        title: "Release, grant to the next in line and joining it again, p50",
        unit: "ms",
        goals: others.map(({ name: side }) => ({
          side,
          is: "at most",
          limit: 1.5,
          of: "ratio",
        })),
      },
    ],
  };
}

function sideName(waiters: number): string {
  return `${waiters.toLocaleString("en")} waiters`;
}
