import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionLostError, OverloadedError } from "../../sdk/index.ts";
import { painter } from "../colours.ts";
import { note, print, printJson, printLine } from "../output.ts";
import { Signalled, untilSignalled } from "../signalled.ts";
import type { InspectOptions } from "./index.ts";
import { asJson, fingerprint, report, reportLine, type Seen } from "./report.ts";

const CLEAR = "\u001B[H\u001B[2J\u001B[3J";

type Look = (signal: AbortSignal) => Promise<Seen[]>;

/** Looks again and again, until a signal comes; a server that is away for a while is said to be. */
export async function watch(look: Look, options: InspectOptions): Promise<void> {
  const show = options.json || !process.stdout.isTTY ? changes(options) : screen();
  try {
    await untilSignalled(async (signal) => {
      await show(await look(signal));
      for (;;) {
        await sleep(options.interval, undefined, { signal }).catch(() => signal.throwIfAborted());
        const seen = await lookAgain(look, signal);
        if (seen !== null) await show(seen);
      }
    });
  } catch (error) {
    if (!(error instanceof Signalled)) throw error;
  }
}

async function lookAgain(look: Look, signal: AbortSignal): Promise<Seen[] | null> {
  try {
    return await look(signal);
  } catch (error) {
    const passes = error instanceof ConnectionLostError || error instanceof OverloadedError;
    if (!passes) throw error;
    note(error.message);
    return null;
  }
}

/** A page that is drawn anew. */
function screen(): (seen: readonly Seen[]) => Promise<void> {
  const paint = painter(process.stdout);
  return (seen) => {
    const nowMs = Date.now();
    const pages = seen.map((each) => report(each, { nowMs, paint }).join("\n"));
    const at = paint("dim", new Date(nowMs).toISOString());
    return print(`${CLEAR}${at}\n\n${pages.join("\n\n")}\n`);
  };
}

/** A line for each change of each name, the first look being one. */
function changes({ json }: { json?: boolean }): (seen: readonly Seen[]) => Promise<void> {
  const last = new Map<string, string>();
  return async (seen) => {
    for (const each of seen) {
      const is = fingerprint(each);
      if (last.get(each.name) === is) continue;
      last.set(each.name, is);
      const at = new Date().toISOString();
      if (json) await printJson({ at, ...asJson(each) });
      else await printLine(`${at} ${reportLine(each)}`);
    }
  };
}
