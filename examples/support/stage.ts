/** What the examples share that no reader needs to copy: a server of their own, and other processes. */
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { startServer } from "../../server/index.ts";

/** Where the example plays: the server that LATCHWORK_URL names, or one of its own, which ends with it. */
export async function stage(): Promise<AsyncDisposable & { readonly url: string }> {
  const url = process.env["LATCHWORK_URL"];
  return url === undefined
    ? startServer()
    : { url, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** Runs the same file once more, in a process of its own, with these arguments; what it prints goes to `heard`. */
export function another(
  file: string,
  args: readonly string[],
  heard: (line: string) => void = () => {},
): { readonly process: ChildProcess; readonly ended: Promise<number | null> } {
  const child = spawn(process.execPath, [file, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  createInterface({ input: child.stdout }).on("line", (line) => {
    console.log(`  ${args.join(" ").replace(/http\S+ ?/, "")}: ${line}`);
    heard(line);
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { process: child, ended };
}

/** Says whether a promise was kept; the example fails if one was not. */
export function check(what: string, holds: boolean): void {
  console.log(`${holds ? "✓" : "✗ BROKEN:"} ${what}`);
  if (!holds) process.exitCode = 1;
}
