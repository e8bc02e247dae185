import type { CaseReport, Report } from "./inside/setup.ts";

/** Longer than any runtime needs, on a machine that is busy. */
export const RUN_MS_MAX = 150_000;

/** One that the suite is to run on. */
export interface Runtime {
  readonly name: string;
  /** If it is not here: how to get it. */
  readonly version: string;
  /** What it reports, as it comes; `null` where it is not here. */
  readonly play: (() => AsyncGenerator<Report>) | null;
}

/** What the harness itself has seen fail. */
export function failure(title: string, detail: string): CaseReport {
  return { kind: "case", title, outcome: "failed", detail, tookMs: 0 };
}

/** A run that ends before its time has failed in this, whatever else has passed. */
export const TO_THE_END = "the suite comes to its end";
