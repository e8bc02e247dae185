import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

/** `latchwork …` in a process of its own, and what it prints. */
export class Shell implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #looks = new Set<() => void>();
  readonly ended: Promise<{ code: number | null; output: string }>;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [CLI, ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const output of [this.#child.stdout, this.#child.stderr]) {
      if (output === null) continue;
      createInterface({ input: output }).on("line", (line) => {
        this.#lines.push(line);
        for (const look of this.#looks) look();
      });
    }
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code) => resolve({ code, output: this.#lines.join("\n") }));
    });
  }

  /** The first group of the first line that matches; fails if the program ends without one. */
  async line(pattern: RegExp): Promise<string> {
    const found = new Promise<string>((resolve) => {
      const look = (): void => {
        const match = this.#lines.map((line) => pattern.exec(line)?.[1]).find(Boolean);
        if (match !== undefined) resolve(match);
      };
      this.#looks.add(look);
      look();
    });
    const ended = this.ended.then(({ code, output }) => {
      throw new Error(`It ended with ${code} and never printed ${String(pattern)}:\n${output}`);
    });
    return Promise.race([found, ended]);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.ended;
  }
}
