import type { History, MemberHistory } from "../history.ts";
import type { Answer, Place, Question } from "../reports.ts";

/** Keeps what is guarded, and lets nobody at it whose token is older than one that it has seen. */
export class Referee {
  readonly #history: History;
  readonly #newest: Record<"lock" | "condition", number> = { lock: 0, condition: 0 };
  jobs = 0;
  taken = 0;
  /** How often a job has come or gone. */
  changes = 0;
  /** Asked of whoever was woken and wants its job: true if it is not to have it, for something happens to it now. */
  ambush: ((member: MemberHistory) => boolean) | null = null;
  /** There will be no more jobs. */
  isOver = false;

  constructor(history: History) {
    this.#history = history;
  }

  answer(question: Question, member: MemberHistory): Answer {
    const { about, turn, token } = question;
    if (about === "take" && question.woken && this.ambush?.(member) === true) return "refused";
    const place: Place = about === "write" ? "lock" : "condition";
    if (token < this.#newest[place]) {
      this.#history.refusedWrites += 1;
      const refused = member.turns.get(turn);
      if (refused !== undefined) refused.wasRefused = true;
      return "refused";
    }
    this.#newest[place] = token;
    if (about === "write") return "done";
    if (about === "put") {
      this.jobs += 1;
      this.changes += 1;
      return "done";
    }
    if (this.jobs === 0) return this.isOver ? "over" : "none";
    this.jobs -= 1;
    this.changes += 1;
    this.taken += 1;
    return "done";
  }
}
