import type { Fate, Place } from "./reports.ts";

/** From when a client believed to hold something until it gave it back, or knew that it was lost. */
export interface Turn {
  readonly member: MemberHistory;
  readonly place: Place;
  readonly token: number;
  readonly permits: number;
  readonly borrower: string | undefined;
  readonly enteredNs: bigint;
  left: { readonly atNs: bigint; readonly how: "released" | "lost" } | null;
  /** It wrote to what is guarded, and was turned away. */
  wasRefused: boolean;
}

export interface Interval {
  readonly fromNs: bigint;
  readonly untilNs: bigint;
}

/** What is known of one client process. */
export interface MemberHistory {
  readonly name: string;
  readonly ttlMs: number;
  readonly turns: Map<number, Turn>;
  /** When its event loop stood still: it was stopped, or found no processor. */
  readonly stalls: Interval[];
  /** When it lost an end of a stream. */
  readonly losses: bigint[];
  killedNs: bigint | null;
  lastHeardNs: bigint;
  operations: number;
  pending: readonly string[];
}

export interface Receipt {
  readonly member: MemberHistory;
  readonly atNs: bigint;
}

export interface Wait {
  readonly member: MemberHistory;
  readonly number: number;
  readonly knownNs: bigint;
  isOver: boolean;
}

/** Everything that was seen in a run. */
export class History {
  readonly members: MemberHistory[] = [];
  readonly fates = new Map<string, Fate | "under way">();
  readonly receipts = new Map<string, Receipt[]>();
  readonly waits = new Map<string, Wait>();
  /** Calls that failed as no fault explains. */
  readonly failures: string[] = [];
  refusedWrites = 0;

  member({ name, ttlMs }: { name: string; ttlMs: number }): MemberHistory {
    const member: MemberHistory = {
      name,
      ttlMs,
      turns: new Map(),
      stalls: [],
      losses: [],
      killedNs: null,
      lastHeardNs: process.hrtime.bigint(),
      operations: 0,
      pending: [],
    };
    this.members.push(member);
    return member;
  }

  get operations(): number {
    return this.members.reduce((sum, { operations }) => sum + operations, 0);
  }

  get turns(): Turn[] {
    return this.members.flatMap(({ turns }) => [...turns.values()]);
  }

  received(item: string, receipt: Receipt): void {
    this.receipts.set(item, [...(this.receipts.get(item) ?? []), receipt]);
  }
}
