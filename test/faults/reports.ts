/** What a client process tells of itself. Times are on the machine's monotonic clock, which all processes share. */
export type Report =
  | {
      readonly what: "enters";
      readonly turn: number;
      readonly place: Place;
      readonly token: number;
      readonly permits: number;
      readonly borrower?: string;
      readonly atNs: bigint;
    }
  | {
      readonly what: "leaves";
      readonly turn: number;
      readonly how: "released" | "lost";
      readonly atNs: bigint;
    }
  /** Its event loop stood still, for whatever reason. */
  | { readonly what: "stalled"; readonly fromNs: bigint; readonly untilNs: bigint }
  | { readonly what: "sends"; readonly item: string }
  | { readonly what: "sent"; readonly item: string; readonly fate: Fate }
  | { readonly what: "received"; readonly item: string; readonly atNs: bigint }
  /** An end of a stream was lost: what was received on it and not confirmed may go to others (ST3). */
  | { readonly what: "end-lost"; readonly atNs: bigint }
  /** The server is known to know this wait for the event. */
  | { readonly what: "waits"; readonly wait: number; readonly atNs: bigint }
  | { readonly what: "waits-no-more"; readonly wait: number }
  | { readonly what: "asks"; readonly ask: number; readonly question: Question }
  /** Something failed in a way that no fault of this world explains. */
  | { readonly what: "failed"; readonly operation: string; readonly error: string }
  | { readonly what: "alive"; readonly operations: number; readonly pending: readonly string[] };

export type Place = "lock" | "semaphore" | "limiter" | "condition";
export type Fate = "sent" | "withdrawn" | "unknown";

/** What only the parent knows: it keeps what the lock guards, and the heap of jobs that the condition guards. */
export type Question =
  | { readonly about: "write"; readonly turn: number; readonly token: number }
  | { readonly about: "put"; readonly turn: number; readonly token: number }
  | {
      readonly about: "take";
      readonly turn: number;
      readonly token: number;
      /** It waited, and was woken. */
      readonly woken: boolean;
    };

/** `refused`: a newer token has been seen. `over`: there is no job, and there will be none. */
export type Answer = "done" | "refused" | "none" | "over";

/** What the parent says to a client. */
export type Order =
  | { readonly order: "answer"; readonly ask: number; readonly answer: Answer }
  /** Whoever is inside stays there for so long, or until it has lost what it holds. */
  | { readonly order: "linger"; readonly forMs: number }
  /** No jobs are made for so long. */
  | { readonly order: "rest"; readonly forMs: number }
  /** No more jobs, no more faults: what is under way goes on. */
  | { readonly order: "calm" }
  /** Come to an end. */
  | { readonly order: "over" };

/** How a client process is told what to do: the one argument of its program, as JSON. */
export interface Role {
  readonly url: string;
  readonly name: string;
  readonly seed: number;
  readonly ttlMs: number;
  /** It may be killed: it counts an item as received only once that has been reported. */
  readonly mayDie: boolean;
  /** The even ones make and send, the odd ones take and receive. */
  readonly side: "even" | "odd";
}

export const NAMES = {
  lock: "faults/lock",
  semaphore: "faults/semaphore",
  limiter: "faults/limiter",
  condition: "faults/condition",
  event: "faults/event",
} as const;

/** How many may be inside at once. */
export const TOTALS: Record<Place, number> = { lock: 1, semaphore: 3, limiter: 3, condition: 1 };

/** Without a buffer, and with one. */
export const STREAMS = [
  { name: "faults/rendezvous", maxBufferSize: 0 },
  { name: "faults/buffered", maxBufferSize: 8 },
] as const;
