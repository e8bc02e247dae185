import { CASES } from "../suite.ts";
import { Context, Lacking, type Case } from "./case.ts";
import type { FeatureId } from "./features.ts";
import { probe } from "./probes.ts";
import type { CaseReport, Report, Setup } from "./setup.ts";

/** A case that takes longer hangs. */
const CASE_MS_MAX = 20_000;

/** Finds out what the runtime has, then runs every case, one after the other. */
export async function runSuite(setup: Setup, report: (report: Report) => void): Promise<void> {
  const features = await probe(setup);
  for (const feature of features) report(feature);
  const present = new Set(features.filter(({ has }) => has).map(({ id }) => id as FeatureId));
  for (const [at, each] of CASES.entries()) {
    report(await run(each, () => new Context(setup, present, `case ${at}`)));
  }
  report({ kind: "done" });
}

async function run(each: Case, open: () => Context): Promise<CaseReport> {
  const { title } = each;
  const startedAtMs = Date.now();
  const ended = await outcomeOf(each, open);
  return { kind: "case", title, ...ended, tookMs: Date.now() - startedAtMs };
}

async function outcomeOf(
  each: Case,
  open: () => Context,
): Promise<Pick<CaseReport, "outcome" | "detail">> {
  try {
    await orHangs(() => carriedOut(each, open()));
    return { outcome: "passed", detail: "" };
  } catch (error) {
    if (error instanceof Lacking) return { outcome: "lacking", detail: error.feature };
    return { outcome: "failed", detail: described(error) };
  }
}

async function carriedOut(each: Case, context: Context): Promise<void> {
  try {
    await each.run(context);
  } catch (error) {
    // What goes wrong after it says less.
    await context.close().catch(() => {});
    throw error;
  }
  await context.close();
}

/** Its own timer is set first: a case may count those that come after. */
async function orHangs(start: () => Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hanging = new Promise<never>((_, reject) => {
    const error = new Error(`It hangs: no end within ${CASE_MS_MAX / 1_000} s.`);
    timer = setTimeout(() => reject(error), CASE_MS_MAX);
  });
  try {
    await Promise.race([start(), hanging]);
  } finally {
    clearTimeout(timer);
  }
}

function described(error: unknown): string {
  return error instanceof Error
    ? `${error.name}: ${error.message}\n${error.stack ?? ""}`
    : String(error);
}
