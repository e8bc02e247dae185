/** Finds the examples of a folder and runs them, each in a process group of its own, so that none leaves anything behind. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { join } from "node:path";

/** How long one that is to end has to end what it has started, such as a server. */
const GOODBYE_MS = 10_000;

export interface ExamplesOptions {
  readonly folder: string;
  /** Only those whose path begins so; all, where there is none. */
  readonly wanted?: readonly string[];
  /** Those that need something which is not there, by their path. */
  readonly except?: readonly string[];
  /** How long each may take. */
  readonly limitMs: number;
  readonly print: (text: string) => void;
  /** Ends what runs. */
  readonly signal?: AbortSignal;
}

/** An example is a program in the folder, or the `index.ts` of a folder in it. Names what can be run. */
export function findExamples({
  folder,
  wanted = [],
  except = [],
}: Pick<ExamplesOptions, "folder" | "wanted" | "except">): string[] {
  return globSync(["*.ts", "*/index.ts"], { cwd: folder })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => !except.includes(file))
    .filter((file) => wanted.length === 0 || wanted.some((name) => file.startsWith(name)))
    .toSorted();
}

/**
 * Runs them one after the other and prints a line for each, and what it found. True if there are any, and each has
 * ended with 0 in time and printed something.
 */
export async function runExamples(options: ExamplesOptions): Promise<boolean> {
  const found = findExamples(options);
  if (found.length === 0) options.print("There is no such example.");
  const results: boolean[] = [];
  for (const file of found) results.push(await runExample(file, options));
  return results.length > 0 && results.every(Boolean);
}

async function runExample(file: string, options: ExamplesOptions): Promise<boolean> {
  const { folder, limitMs, print, signal } = options;
  if (signal?.aborted === true) return false;
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [join(folder, file)], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { said: "", complained: "" };
  child.stdout.on("data", (chunk: Buffer) => (output.said += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output.complained += chunk.toString()));

  let killing: NodeJS.Timeout | undefined;
  const end = (): void => {
    signalGroup(child.pid, "SIGTERM");
    killing ??= setTimeout(() => signalGroup(child.pid, "SIGKILL"), GOODBYE_MS);
  };
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, limitMs);
  signal?.addEventListener("abort", end);
  // Not until the last of its processes that could still say something is gone.
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(timer);
  clearTimeout(killing);
  signal?.removeEventListener("abort", end);
  signalGroup(child.pid, "SIGKILL");

  const fault = faultOf(code, { isLate, isSilent: output.said.trim() === "" });
  const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1);
  print(
    `${fault === null ? "ok  " : "FAIL"} ${file}, ${seconds} s${fault === null ? "" : `: ${fault}`}`,
  );
  const shown = fault === null ? findings(output.said) : [output.said, output.complained];
  for (const text of shown) print(text.replaceAll(/^/gm, "       ").trimEnd());
  return fault === null;
}

function faultOf(
  code: number | null,
  { isLate, isSilent }: { isLate: boolean; isSilent: boolean },
): string | null {
  if (isLate) return "it did not end in time";
  if (code !== 0) return `it ended with ${code ?? "a signal"}`;
  return isSilent ? "it printed nothing" : null;
}

function findings(said: string): string[] {
  return said.split("\n").flatMap((line) => /^ *([✓✗].*)/.exec(line)?.[1] ?? []);
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
