import type { Latchwork } from "../../sdk/index.ts";
import type { Finding } from "../theatre/finding.ts";

/** What an actor reports. Its clock is the machine's monotonic one, which all processes share. */
export interface Report {
  readonly task: number;
  /** "enters" and "leaves" say that the task has what it waited for, and that it has not any more. */
  readonly what:
    | "waits"
    | "enters"
    | "leaves"
    | "wakes"
    | "sets"
    | "notifies"
    | "sends"
    | "receives"
    | "ends"
    | "is refused";
  readonly atNs: bigint;
  /** Of what it entered with: how many permits, and the fencing token. */
  readonly permits: number;
  readonly token: number;
  /** What else there is to say: an item, a number of tasks. */
  readonly note: string;
}

export type Say = (
  what: Report["what"],
  more?: { permits?: number; token?: number; note?: string },
) => void;

/** One example of the tour: tasks in several processes, and what must have been true of them all. */
export interface Scene {
  readonly title: string;
  /** What the scene shows, in a sentence. */
  readonly promise: string;
  /** The tasks' numbers, a list for each process. */
  readonly processes: readonly (readonly number[])[];
  /** Runs in the actors. */
  task(latchwork: Latchwork, task: number, say: Say): Promise<void>;
  /** Runs when all have finished: the findings, and whether they are as promised. */
  judge(reports: readonly Report[]): Finding[];
}

/** The most permits that were held at any one moment, by the reports of those who held them. */
export function mostHeldAtOnce(reports: readonly Report[]): number {
  let held = 0;
  let most = 0;
  for (const { what, permits } of inOrderOfTime(reports)) {
    if (what === "enters") held += permits;
    if (what === "leaves") held -= permits;
    most = Math.max(most, held);
  }
  return most;
}

/** True if every grant had a greater token than the grants before it. */
export function tokensGrow(reports: readonly Report[]): boolean {
  const tokens = of("enters", inOrderOfTime(reports)).map(({ token }) => token);
  return tokens.every((token, index) => index === 0 || token > (tokens[index - 1] ?? 0));
}

export function finished(reports: readonly Report[]): number {
  return of("leaves", reports).length;
}

export function of(what: Report["what"], reports: readonly Report[]): Report[] {
  return reports.filter((report) => report.what === what);
}

export function inOrderOfTime(reports: readonly Report[]): Report[] {
  return reports.toSorted((a, b) => (a.atNs < b.atNs ? -1 : 1));
}

/** How many reports of one kind came between each report of another and the next: `[before the first, after it, …]`. */
export function countsBetween(
  what: Report["what"],
  marker: Report["what"],
  reports: readonly Report[],
): number[] {
  const counts = [0];
  for (const report of inOrderOfTime(reports)) {
    if (report.what === marker) counts.push(0);
    else if (report.what === what) counts.push((counts.pop() ?? 0) + 1);
  }
  return counts;
}
