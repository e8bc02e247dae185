import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { ServerError } from "./errors.ts";

/** How long the runtime may take to close its sockets before it is killed; what it has answered is on disk. */
const GOODBYE_MS = 500;
/** How much of what the runtime says is kept to explain why it could not start. */
const FIRST_LINES_MAX = 20;
/** What the runtime writes to, besides standard output and error: a line for each socket that is open. */
const CONTROL_FD = 3;

export interface RuntimeOptions {
  readonly cwd: string;
  readonly args: readonly string[];
  /** The socket to wait for. */
  readonly socket: string;
  readonly env: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

/** A process of the Workers runtime. */
export class Runtime {
  readonly #process: ChildProcess;
  readonly #log: (line: string) => void;
  readonly #firstLines: string[] = [];
  #isOpen = false;
  /** When it has ended, however that came. */
  readonly exited: Promise<void>;
  /** The port that its socket is open on; `null` if it ended before one was. */
  readonly listening: Promise<number | null>;

  /** @throws ServerError where the runtime is not installed. */
  constructor({ cwd, args, socket, env, log }: RuntimeOptions) {
    this.#log = log;
    // A group of its own: Ctrl-C in a terminal is for the program that started it, which then stops it in order.
    this.#process = spawn(binaryPath(), [...args, `--control-fd=${CONTROL_FD}`], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      detached: true,
    });
    this.exited = new Promise((resolve) => {
      // Not "exit": what it said last is still on its way then.
      this.#process.once("close", () => resolve());
      this.#process.once("error", (error) => {
        this.#firstLines.push(error.message);
        resolve();
      });
    });
    for (const output of [this.#process.stdout, this.#process.stderr]) {
      if (output !== null) this.#listen(output);
    }
    const control = this.#process.stdio[CONTROL_FD] as Readable;
    this.listening = Promise.race([
      portOf(socket, control).then((port) => this.#opened(port)),
      this.exited.then(() => null),
    ]);
  }

  /** What it said, if it ended before its socket was open. */
  get lastWords(): string {
    return this.#firstLines.join("\n");
  }

  /** Asks it to end, and ends it if it does not. */
  async stop(): Promise<void> {
    this.#process.kill("SIGTERM");
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), GOODBYE_MS);
    await this.exited;
    clearTimeout(timer);
  }

  /** As if the machine had lost its power. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.exited;
  }

  /** What it says before its socket is open is kept for whoever asks why; from then on it is for the log. */
  #listen(output: Readable): void {
    createInterface({ input: output }).on("line", (line) => {
      if (this.#isOpen) return this.#log(line);
      this.#firstLines.push(line);
      if (this.#firstLines.length > FIRST_LINES_MAX) this.#firstLines.shift();
    });
  }

  #opened(port: number): number {
    this.#isOpen = true;
    for (const line of this.#firstLines.splice(0)) this.#log(line);
    return port;
  }
}

function binaryPath(): string {
  try {
    const { default: path } = createRequire(import.meta.url)("workerd") as { default: string };
    return path;
  } catch (cause) {
    const message = "The embedded server runs on the package workerd: npm install workerd";
    throw new ServerError(message, { cause });
  }
}

function portOf(socket: string, control: Readable): Promise<number> {
  return new Promise((resolve) => {
    createInterface({ input: control }).on("line", (line) => {
      const said = JSON.parse(line) as { event: string; socket: string; port: number };
      if (said.event === "listen" && said.socket === socket) resolve(said.port);
    });
  });
}
