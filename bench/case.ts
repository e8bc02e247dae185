import type { Peer } from "./peers/peer.ts";

/** Something that is timed. */
export interface Side {
  readonly name: string;
  /** Runs for about so long, and returns that round's figure for each of the case's questions. */
  measure(forMs: number): Promise<readonly number[]>;
}

/** What is put to several sides, each of which is set beside the bare runtime. */
export interface Case {
  readonly name: string;
  readonly questions: readonly Question[];
  /** The bare runtime's side: the other figures are divided by its figure. */
  readonly base: Side;
  readonly sides: readonly Side[];
  /** Where the ordinary effort does not fit. */
  readonly effort?: Partial<Effort>;
}

export type Unit = "ms" | "messages/s" | "cycles/s" | "items/s" | "kB" | "p99 ÷ mean";

export interface Question {
  /** What its plot's file is named. */
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  readonly goals: readonly Goal[];
}

/** What is hoped for. A goal that is not met fails nothing. */
export interface Goal {
  readonly side: string;
  readonly is: "at most" | "at least";
  readonly limit: number;
  /** What is limited: the figure itself, or how it stands to the figure of the side `beside` in the same round. */
  readonly of: "figure" | "ratio" | "difference";
  /** Left out: the base. */
  readonly beside?: string;
}

/** How long to measure. */
export interface Effort {
  readonly rounds: number;
  /** For each side in each round. */
  readonly roundMs: number;
  /** For each side before the first round; 0 for what is cold by nature. */
  readonly warmUpMs: number;
}

/** Where a case finds the two servers and the peers, and what closes its sockets when it is over. */
export interface Setting {
  readonly latchwork: { readonly url: string };
  readonly echo: { readonly url: string };
  readonly stack: AsyncDisposableStack;
  /** The peers that are here, started when a case first asks for them. */
  readonly peers: () => Promise<readonly Peer[]>;
}
