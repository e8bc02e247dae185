/** Something that is timed. */
export interface Side {
  readonly name: string;
  /** Runs for about so long, and returns the figure of that round. */
  measure(forMs: number): Promise<number>;
}

/** A question put to several sides, each of which is set beside the bare runtime. */
export interface Case {
  readonly name: string;
  readonly title: string;
  readonly unit: "ms" | "messages/s";
  /** The bare runtime's side: the other figures are divided by its figure. */
  readonly base: Side;
  readonly sides: readonly Side[];
  readonly goal: Goal;
}

/** What the ratio of one side is hoped to be. A goal that is not met fails nothing. */
export interface Goal {
  readonly side: string;
  readonly ratio: number;
  readonly is: "at most" | "at least";
}

/** Where a case finds the two servers, and what closes its sockets when it is over. */
export interface Setting {
  readonly latchwork: { readonly url: string };
  readonly echo: { readonly url: string };
  readonly stack: AsyncDisposableStack;
}
