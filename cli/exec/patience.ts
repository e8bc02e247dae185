import { describeMs } from "../durations.ts";
import { askServer } from "../http.ts";
import type { Inspection } from "../inspect/inspection.ts";
import { note } from "../output.ts";
import type { ExecOptions, Target } from "./exec.ts";

/** After how long somebody who waits is told what for. */
const PATIENCE_MS = 1_000;

/** Waits, and says on a terminal what is waited for; that the server cannot be reached, anywhere. */
export async function patiently<Value>(
  target: Target,
  options: ExecOptions,
  wait: () => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  const { signal } = controller;
  const timer = setTimeout(() => void explain(target, options, signal), PATIENCE_MS);
  try {
    return await wait();
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}

async function explain(target: Target, options: ExecOptions, signal: AbortSignal): Promise<void> {
  const { verbose, json } = options;
  try {
    const seen = (await askServer(options, target, { method: "GET", signal })) as Inspection;
    if (json || !(verbose || process.stderr.isTTY)) return;
    const [holder, ...others] = seen.holders;
    if (holder === undefined) return;
    const since = describeMs(Date.now() - holder.since);
    const more = others.length > 0 ? ` and ${others.length} more` : "";
    note(
      `Waiting for the ${target.kind} ${target.name}, held by ${holder.client}${more} for ${since}.`,
    );
  } catch (error) {
    if (signal.aborted || json) return;
    note(`${(error as Error).message} Still trying.`);
  }
}
