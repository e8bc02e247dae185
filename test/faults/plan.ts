import type { Random } from "../simulation/world/random.ts";

/** What is done to the world. Each is one thing that happens to machines and networks. */
export const FAULTS = {
  "server killed": "the server's process gets a SIGKILL, and is started again with what is on disk",
  "server stopped": "the server's process stands still for longer than a lease",
  "client stopped": "a client's process stands still for longer than its lease",
  "client paused": "a client's process stands still for less than its lease",
  "client killed": "a client's process gets a SIGKILL; another one takes its place",
  "network cut": "connections are reset, and for a while there are no new ones",
  "network slow": "everything between a client and the server is delayed",
  "black hole": "nothing comes through any more, in either direction",
  "one-way black hole": "nothing comes through any more, in one direction",
  "half-open, client believes": "the server has lost a connection, and the client does not know",
  "half-open, server believes": "the client has lost a connection, and the server does not know",
} as const;

export type Fault = keyof typeof FAULTS;

export interface Step {
  readonly fault: Fault;
  /** How long to leave the world alone after it. */
  readonly thenMs: number;
}

export type Counts = Readonly<Record<Fault, number>>;

export function fullCounts({ kills, cuts }: { kills: number; cuts: number }): Counts {
  return {
    "server killed": kills,
    "network cut": cuts,
    "server stopped": 4,
    "client stopped": 16,
    "client paused": 8,
    "client killed": 16,
    "network slow": 16,
    "black hole": 12,
    "one-way black hole": 12,
    "half-open, client believes": 12,
    "half-open, server believes": 12,
  };
}

export const QUICK_COUNTS: Counts = {
  "server killed": 3,
  "network cut": 3,
  "server stopped": 1,
  "client stopped": 2,
  "client paused": 1,
  "client killed": 2,
  "network slow": 1,
  "black hole": 1,
  "one-way black hole": 1,
  "half-open, client believes": 1,
  "half-open, server believes": 1,
};

/** Of the usual one, how often the longest pause. */
const LONG_PAUSE = 2.5;

/** Everything that is to happen, in an order that the seed decides. */
export function planOf(counts: Counts, random: Random, usualPauseMs: number): Step[] {
  const faults = (Object.keys(FAULTS) as Fault[]).flatMap((fault) =>
    Array.from({ length: counts[fault] }, () => ({ fault, at: random.next() })),
  );
  return faults
    .toSorted((a, b) => a.at - b.at)
    .map(({ fault }) => ({ fault, thenMs: Math.round(pauseMs(random, usualPauseMs)) }));
}

function pauseMs(random: Random, usualMs: number): number {
  return Math.min(random.delayMs(usualMs), usualMs * LONG_PAUSE);
}
