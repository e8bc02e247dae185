import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { ServerError } from "./errors.ts";

/** How long the runtime may take to close its sockets before it is killed; what it has answered is on disk. */
const GOODBYE_MS = 500;
/** How much of what the runtime said is kept to explain why it could not start. */
const LAST_LINES_MAX = 20;
/** What the runtime writes to, besides standard output and error: a line for each socket that is open. */
const CONTROL_FD = 3;

export interface RuntimeOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

/** A process of the Workers runtime. */
export class Runtime {
  readonly #process: ChildProcess;
  readonly #lastLines: string[] = [];
  /** When it has ended, however that came. */
  readonly exited: Promise<void>;
  /** The port that its socket is open on; `null` if it ended before one was. */
  readonly listening: Promise<number | null>;

  /** @throws ServerError where the runtime is not installed. */
  constructor({ args, env, log }: RuntimeOptions) {
    // A group of its own: Ctrl-C in a terminal is for the program that started it, which then stops it in order.
    this.#process = spawn(binaryPath(), [...args, `--control-fd=${CONTROL_FD}`], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      detached: true,
    });
    this.exited = new Promise((resolve) => {
      // Not "exit": what it said last is still on its way then.
      this.#process.once("close", () => resolve());
      this.#process.once("error", (error) => {
        this.#lastLines.push(error.message);
        resolve();
      });
    });
    for (const output of [this.#process.stdout, this.#process.stderr]) {
      if (output !== null) this.#listen(output, log);
    }
    const control = this.#process.stdio[CONTROL_FD] as Readable;
    this.listening = Promise.race([portFrom(control), this.exited.then(() => null)]);
  }

  get lastLines(): string {
    return this.#lastLines.join("\n");
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

  #listen(output: Readable, log: (line: string) => void): void {
    createInterface({ input: output }).on("line", (line) => {
      this.#lastLines.push(line);
      if (this.#lastLines.length > LAST_LINES_MAX) this.#lastLines.shift();
      log(line);
    });
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

function portFrom(control: Readable): Promise<number> {
  return new Promise((resolve) => {
    createInterface({ input: control }).on("line", (line) => {
      const said = JSON.parse(line) as { event: string; port?: number };
      if (said.event === "listen" && said.port !== undefined) resolve(said.port);
    });
  });
}
