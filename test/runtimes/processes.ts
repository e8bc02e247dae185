import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Report, Setup } from "./inside/setup.ts";
import { failure, RUN_MS_MAX, TO_THE_END } from "./runtime.ts";

const ENDS = "a program whose clients are closed ends by itself";
const PATIENCE_MS = 20_000;
/** How much of what it says on standard error is kept, to explain a failure. */
const CHARACTERS_MAX = 4_000;

export interface Program {
  readonly binary: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs the suite in a process, which is given the setup as its last argument and says its reports in lines. */
export async function* playInProcess(program: Program, setup: Setup): AsyncGenerator<Report> {
  const child = spawn(program.binary, [...program.args, JSON.stringify(setup)], {
    cwd: program.cwd,
    env: { ...process.env, ...program.env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: RUN_MS_MAX,
    killSignal: "SIGKILL",
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-CHARACTERS_MAX);
  });
  const ended = once(child, "close") as Promise<[number | null]>;
  let isDone = false;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const report = reportOf(line);
      if (report === null) errors += `${line}\n`;
      else yield report;
      if (report?.kind !== "done") continue;
      isDone = true;
      break;
    }
    if (isDone) yield await endsByItself(ended);
    else {
      const [code] = await ended;
      yield failure(TO_THE_END, `It ended with ${code}.\n${errors}`);
    }
  } finally {
    child.kill("SIGKILL");
    await ended.catch(() => {});
  }
}

async function endsByItself(ended: Promise<[number | null]>): Promise<Report> {
  const startedAtMs = Date.now();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), PATIENCE_MS);
  });
  const code = await Promise.race([ended.then(([code]) => `with ${code}`), tooLate]);
  clearTimeout(timer);
  if (code !== "with 0") return failure(ENDS, code ?? `It went on for ${PATIENCE_MS / 1_000} s.`);
  const tookMs = Date.now() - startedAtMs;
  return { kind: "case", title: ENDS, outcome: "passed", detail: "", tookMs };
}

function reportOf(line: string): Report | null {
  try {
    return JSON.parse(line) as Report;
  } catch {
    return null;
  }
}
