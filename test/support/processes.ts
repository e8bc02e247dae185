import { fork, type ChildProcess } from "node:child_process";

/** A program of a test, in a process of its own, that reports by messages. */
export class TestProcess<Report> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #unread: Report[] = [];
  #reader: (() => void) | null = null;
  readonly exited: Promise<number | null>;

  constructor(program: URL, args: readonly string[]) {
    this.#child = fork(program, args, { serialization: "advanced" });
    this.#child.on("message", (message) => {
      this.#unread.push(message as Report);
      this.#reader?.();
    });
    this.exited = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("exit", resolve);
    });
  }

  /** The next report; whoever dies without one fails the test. */
  async next(): Promise<Report> {
    const died = this.exited.then((code) => {
      throw new Error(`The process ended with ${code} and said no more.`);
    });
    died.catch(() => {});
    for (;;) {
      const report = this.#unread.shift();
      if (report !== undefined) return report;
      await Promise.race([this.#more(), died]);
    }
  }

  /** Every report there is, until the process has ended well. */
  async *reports(): AsyncGenerator<Report> {
    const state = { alive: true };
    const ended = this.exited.then(() => {
      state.alive = false;
    });
    for (;;) {
      const report = this.#unread.shift();
      if (report !== undefined) yield report;
      else if (state.alive) await Promise.race([this.#more(), ended]);
      else break;
    }
    await this.rest();
  }

  /** All that was reported and not read, once the process has ended well. */
  async rest(): Promise<Report[]> {
    const code = await this.exited;
    if (code !== 0) throw new Error(`The process ended with ${code}.`);
    return this.#unread.splice(0);
  }

  /** Settles when something has come. There is one reader at a time. */
  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  say(message: string): void {
    this.#child.send(message);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
  }
}
