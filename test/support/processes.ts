import { fork, type ChildProcess } from "node:child_process";

/** A program of a test, in a process of its own, that reports by messages. */
export class TestProcess<Report> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #unread: Report[] = [];
  readonly #readers: ((report: Report) => void)[] = [];
  readonly exited: Promise<number | null>;

  constructor(program: URL, args: readonly string[]) {
    this.#child = fork(program, args, { serialization: "advanced" });
    this.#child.on("message", (message) => {
      const reader = this.#readers.shift();
      if (reader === undefined) this.#unread.push(message as Report);
      else reader(message as Report);
    });
    this.exited = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("exit", resolve);
    });
  }

  /** The next report; whoever dies without one fails the test. */
  async next(): Promise<Report> {
    const report = this.#unread.shift();
    if (report !== undefined) return report;
    const died = this.exited.then((code) => {
      throw new Error(`The process ended with ${code} and said no more.`);
    });
    return Promise.race([new Promise<Report>((resolve) => this.#readers.push(resolve)), died]);
  }

  /** All that was reported and not read, once the process has ended well. */
  async rest(): Promise<Report[]> {
    const code = await this.exited;
    if (code !== 0) throw new Error(`The process ended with ${code}.`);
    return this.#unread.splice(0);
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
