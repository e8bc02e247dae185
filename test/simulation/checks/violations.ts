/** What was found to be wrong. The first is the one to look at: others often follow from it. */
export class Violations {
  readonly found: string[] = [];
  readonly #log: (line: string) => void;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  check(holds: boolean, what: () => string): void {
    if (holds) return;
    const line = what();
    this.found.push(line);
    this.#log(`VIOLATION ${line}`);
  }
}
