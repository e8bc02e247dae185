import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

export const CLI = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

export interface CliOptions {
  readonly url?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads; without it, standard input is empty. */
  readonly input?: string | Uint8Array;
  /** Its input stays open, for `write`. */
  readonly interactive?: boolean;
  /** Runs in a terminal of its own, with util-linux's `script`. */
  readonly terminal?: boolean;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `latchwork …` in a process group of its own, with what it prints, apart. */
export class Cli implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #looks = new Set<() => void>();
  stdout = "";
  stderr = "";
  readonly ended: Promise<Ended>;

  constructor(args: readonly string[], options: CliOptions = {}) {
    const { url, env = {}, input, interactive = false, terminal = false } = options;
    const command = [process.execPath, CLI, ...args];
    const [file, rest] = terminal
      ? ["script", ["-qec", command.map(quoted).join(" "), "/dev/null"]]
      : [process.execPath, command.slice(1)];
    this.#child = spawn(file, rest, {
      env: { ...clean(process.env), ...(url === undefined ? {} : { LATCHWORK_URL: url }), ...env },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    this.#child.stdin?.on("error", () => {});
    if (input !== undefined) this.#child.stdin?.end(input);
    else if (!interactive && !terminal) this.#child.stdin?.end();
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
      this.#looked();
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.#looked();
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code) => {
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Waits until it has printed something like this, on either stream. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    const { promise, resolve } = Promise.withResolvers<RegExpExecArray>();
    const look = (): void => {
      const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (match !== null) resolve(match);
    };
    this.#looks.add(look);
    look();
    const died = this.ended.then(({ code, stdout, stderr }) => {
      throw new Error(`Ended with ${code} without ${String(pattern)}:\n${stdout}\n${stderr}`);
    });
    try {
      return await Promise.race([promise, died]);
    } finally {
      this.#looks.delete(look);
    }
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Closes the reading end of its standard output, as a `head` that has enough does. */
  stopReading(): void {
    this.#child.stdout?.destroy();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** As a supervisor does that wants to be sure, and a terminal. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.signal("SIGKILL");
    await this.ended;
  }

  #looked(): void {
    for (const look of this.#looks) look();
  }
}

export function cli(args: readonly string[], options: CliOptions = {}): Promise<Ended> {
  return new Cli(args, options).ended;
}

/** Without what whoever runs the tests has set for their own use. */
function clean(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = /^LATCHWORK_|^(?:NO|FORCE)_COLOR$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours.test(name)));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
