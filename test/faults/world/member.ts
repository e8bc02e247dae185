import { fork, type ChildProcess } from "node:child_process";
import type { History, MemberHistory } from "../history.ts";
import type { Order, Place, Report, Role } from "../reports.ts";
import type { Proxy } from "./proxy.ts";
import type { Referee } from "./referee.ts";

const PROGRAM = new URL("../programs/client.ts", import.meta.url);

/** A client process and its road to the server; what it reports goes into the history. */
export class Member {
  readonly role: Role;
  readonly proxy: Proxy;
  readonly seen: MemberHistory;
  readonly #process: ChildProcess;
  readonly #history: History;
  readonly #referee: Referee;
  /** When it has ended, and every report of its has been read; says with which exit code. */
  readonly ended: Promise<number | null>;
  hasEnded = false;
  #isStopped = false;
  readonly #inside: Record<Place, number> = { lock: 0, semaphore: 0, limiter: 0, condition: 0 };

  constructor(
    { role, proxy }: { role: Role; proxy: Proxy },
    { history, referee }: { history: History; referee: Referee },
  ) {
    this.role = role;
    this.proxy = proxy;
    this.seen = history.member(role);
    this.#history = history;
    this.#referee = referee;
    this.#process = fork(PROGRAM, [JSON.stringify(role)], { serialization: "advanced" });
    this.#process.on("message", (report) => this.#read(report as Report));
    // It can be gone before an order reaches it.
    this.#process.on("error", () => {});
    this.ended = this.#end();
  }

  get isAlive(): boolean {
    return !this.hasEnded && this.seen.killedNs === null;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** True if it is there, as far as it has told. */
  isInside(place: Place): boolean {
    return this.#inside[place] > 0;
  }

  order(order: Order): void {
    if (this.isAlive && this.#process.connected) this.#process.send(JSON.stringify(order));
  }

  stop(): void {
    this.#isStopped = true;
    this.#process.kill("SIGSTOP");
  }

  goOn(): void {
    this.#isStopped = false;
    this.#process.kill("SIGCONT");
  }

  async kill(): Promise<void> {
    this.seen.killedNs ??= process.hrtime.bigint();
    this.#process.kill("SIGKILL");
    await this.ended;
  }

  async #end(): Promise<number | null> {
    const child = this.#process;
    // What it said last may come after it has ended; nothing comes after its channel has.
    const [code] = await Promise.all([
      new Promise<number | null>((resolve) => child.once("exit", resolve)),
      new Promise<void>((resolve) => child.once("disconnect", () => resolve())),
    ]);
    this.hasEnded = true;
    return code;
  }

  #read(report: Report): void {
    const { seen } = this;
    const history = this.#history;
    seen.lastHeardNs = process.hrtime.bigint();
    switch (report.what) {
      case "enters": {
        const { turn, place, token, permits, borrower, atNs: enteredNs } = report;
        const entered = { member: seen, place, token, permits, borrower, enteredNs };
        seen.turns.set(turn, { ...entered, left: null, wasRefused: false });
        this.#inside[place] += 1;
        break;
      }
      case "leaves": {
        const turn = seen.turns.get(report.turn);
        if (turn === undefined) break;
        turn.left = { atNs: report.atNs, how: report.how };
        this.#inside[turn.place] -= 1;
        break;
      }
      case "stalled":
        seen.stalls.push(report);
        break;
      case "sends":
        history.fates.set(report.item, "under way");
        break;
      case "sent":
        history.fates.set(report.item, report.fate);
        break;
      case "received":
        history.received(report.item, { member: seen, atNs: report.atNs });
        break;
      case "end-lost":
        seen.losses.push(report.atNs);
        break;
      case "waits": {
        const { wait: number, atNs: knownNs } = report;
        const wait = { member: seen, number, knownNs, isOver: false };
        history.waits.set(`${seen.name}/${number}`, wait);
        break;
      }
      case "waits-no-more": {
        const wait = history.waits.get(`${seen.name}/${report.wait}`);
        if (wait !== undefined) wait.isOver = true;
        break;
      }
      case "asks": {
        const answer = this.#referee.answer(report.question, seen);
        this.order({ order: "answer", ask: report.ask, answer });
        break;
      }
      case "failed":
        history.failures.push(`${seen.name}: ${report.operation} failed with ${report.error}`);
        break;
      case "alive":
        seen.operations = report.operations;
        seen.pending = report.pending;
    }
  }
}
