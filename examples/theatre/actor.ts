/** A process of a play, as the director sees it. */
import { fork, type ChildProcess } from "node:child_process";

/** What an actor reports: what it does, and the facts that are judged in the end. */
export interface Report {
  readonly is: string;
}

export type Of<Said extends Report, Is extends Said["is"]> = Extract<Said, { readonly is: Is }>;

export interface Casting {
  readonly name: string;
  readonly program: URL;
  readonly role: unknown;
  /** Hears every report as it comes. */
  readonly listen: (actor: string, report: Report) => void;
}

export class Actor<Said extends Report> {
  readonly name: string;
  readonly reports: Said[] = [];
  readonly #child: ChildProcess;
  /** Called at every report. */
  readonly #listeners = new Set<() => void>();
  #wasKilled = false;
  /** Rejects if the process ends otherwise than well, or by the director's hand. */
  readonly ended: Promise<void>;

  constructor({ name, program, role, listen }: Casting) {
    this.name = name;
    this.#child = fork(program, [JSON.stringify(role)]);
    this.#child.on("message", (message) => {
      this.reports.push(message as Said);
      listen(name, message as Said);
      for (const look of this.#listeners) look();
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      // Not "exit": what it said last may still be on its way.
      this.#child.once("close", (code, signal) => {
        if (code === 0 || this.#wasKilled) resolve();
        else reject(new Error(`${name} ended with ${code ?? signal}.`));
      });
    });
  }

  /** All reports of one kind so far. */
  heard<Is extends Said["is"]>(is: Is): Of<Said, Is>[] {
    return this.reports.filter((report): report is Of<Said, Is> => report.is === is);
  }

  /** The nth report of one kind, past or to come. */
  says<Is extends Said["is"]>(is: Is, nth = 1): Promise<Of<Said, Is>> {
    return new Promise((resolve) => {
      const look = (): void => {
        const report = this.heard(is)[nth - 1];
        if (report === undefined) return;
        this.#listeners.delete(look);
        resolve(report);
      };
      this.#listeners.add(look);
      look();
    });
  }

  tell(order: string): void {
    this.#child.send(order);
  }

  /** Asks it to end, as an orchestrator does. */
  async terminate(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.ended;
  }

  /** Ends it in the middle of whatever it does: nothing of it runs any more. */
  async kill(): Promise<void> {
    this.#wasKilled = true;
    this.#child.kill("SIGKILL");
    await this.ended;
  }

  /** Lets a process that stands still go on. */
  wake(): void {
    this.#child.kill("SIGCONT");
  }
}
