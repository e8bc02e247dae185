/** What is counted, not timed: it is the same in every run. */
export interface Count {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly entries: readonly Counted[];
}

export interface Counted {
  readonly what: string;
  readonly figure: number;
  /** What is hoped for at most. */
  readonly limit?: number;
  /** How it comes about. */
  readonly note?: string;
}
