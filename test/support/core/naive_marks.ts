/** Which requests have been done, so that a repeat does them no second time: everything that was ever said, in order. */
export class NaiveMarks {
  readonly #outcomes: { session: string; id: number; outcome: "changed" | "refused" }[] = [];

  changed(session: string, id: number): void {
    this.#outcomes.push({ session, id, outcome: "changed" });
  }

  refused(session: string, id: number): void {
    this.#outcomes.push({ session, id, outcome: "refused" });
  }

  /** What changed nothing may be done again, until something later of the same session has taken effect. */
  isDone(session: string, id: number): boolean {
    const own = this.#outcomes.filter((each) => each.session === session);
    const last = own.findLast((each) => each.id === id);
    const isPast = own.some((each) => each.outcome === "changed" && each.id >= id);
    return isPast && last?.outcome !== "refused";
  }
}
