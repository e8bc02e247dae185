/** What was found to be wrong. The first is the one to look at: others often follow from it. */
export class Violations {
  readonly found: string[] = [];
  readonly #note: (line: () => string) => void;

  constructor(note: (line: () => string) => void) {
    this.#note = note;
  }

  /** `rule` is its ID in docs/semantics.md, or a word for what no rule speaks of. */
  check(rule: string, holds: boolean, what: () => string): void {
    if (holds) return;
    const line = `[${rule}] ${what()}`;
    this.found.push(line);
    this.#note(() => `VIOLATION ${line}`);
  }
}
