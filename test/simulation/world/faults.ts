import type { Random } from "./random.ts";

/** What befalls the world out of the blue: the mean time between, in milliseconds. */
export const CALAMITIES = {
  /** The connection is cut: what is on its way is lost, and each side learns of it sooner or later. */
  cut: 4_000,
  /** All connections are cut at once, and all come back at once. */
  storm: 20_000,
  /** One direction of a connection goes silent, and nobody is told. */
  "half-open": 8_000,
  /** A connection stands still for a while, then everything comes at once. */
  stall: 5_000,
  /** A client is cut off: what it has is silent, and for a while it gets nothing new. */
  outage: 6_000,
  /** A client loses its connection, gets a slow one, and is cut off as soon as that is open. */
  "last gasp": 10_000,
  /** The connection of a call is cut. */
  "lost call": 3_000,
  /** The object dies with its process when nothing is under way, as in a deploy. */
  deploy: 15_000,
  /** The object hibernates, its sockets stay. */
  hibernation: 2_000,
  /** A new instance takes over while the old one lives on with its sockets. */
  twin: 6_000,
  /** A client's process stands still, perhaps for longer than its lease. */
  pause: 6_000,
  /** A client's process dies and does not come back. */
  "client crash": 25_000,
  /** A client closes in good order, and its program goes on with a new one. */
  leave: 12_000,
  /** The server's clock is set back. */
  "clock back": 20_000,
  /** An operator takes away what somebody holds. */
  revoke: 10_000,
  /** An operator looks. */
  inspect: 8_000,
  /** Somebody who knows a session's id, and not its secret, wants to take it over. */
  impostor: 15_000,
  /** Somebody tries to release, to notify and to confirm with what is another's. */
  thief: 10_000,
} as const;

/** What goes wrong, or not, whenever there is a chance: of a hundred. */
export const MISHAPS = {
  /** A connection cannot be opened. */
  unreachable: 5,
  /** What the server says to a new connection takes long to arrive. */
  slow: 8,
  /** The connection of a call is cut when its answer is on its way. */
  "lost answer": 5,
  /** The object's process dies between any two steps. */
  crash: 0.3,
  /** It dies when everything is written, and before the alarm is armed. */
  unarmed: 2,
  /** A commit fails, and nothing was written. */
  "failed commit": 0.3,
  /** A commit fails, and everything was written. */
  "unknown commit": 0.3,
  "late alarm": 10,
  "early alarm": 5,
  "double alarm": 5,
} as const;

export type Calamity = keyof typeof CALAMITIES;
export type Mishap = keyof typeof MISHAPS;
export type Fault = Calamity | Mishap;

export const CALAMITY_NAMES = Object.keys(CALAMITIES) as readonly Calamity[];
export const FAULT_NAMES: readonly Fault[] = [
  ...CALAMITY_NAMES,
  ...(Object.keys(MISHAPS) as Mishap[]),
];

export interface FaultsOptions {
  readonly enabled: ReadonlySet<Fault>;
  readonly often: number;
  readonly random: Random;
  readonly note: (line: () => string) => void;
}

/** Which faults there are in a run, how often each has happened, and whether they go on. */
export class Faults {
  readonly enabled: ReadonlySet<Fault>;
  readonly counts = new Map<Fault, number>();
  isHealed = false;
  /** Each has its own, so that a run without one of them is as like as can be to the run with it. */
  readonly #randoms: ReadonlyMap<Fault, Random>;
  readonly #note: (line: () => string) => void;

  /** How many times as often as usual. */
  readonly #often: number;

  constructor({ enabled, often, random, note }: FaultsOptions) {
    this.enabled = enabled;
    this.#often = often;
    this.#randoms = new Map(FAULT_NAMES.map((fault) => [fault, random.named(fault)]));
    this.#note = note;
  }

  randomOf(fault: Fault): Random {
    const random = this.#randoms.get(fault);
    if (random === undefined) throw new Error(`There is no fault "${fault}".`);
    return random;
  }

  /** True if the mishap happens now, which is one of its chances. */
  strikes(mishap: Mishap, where: string): boolean {
    if (this.isHealed || !this.enabled.has(mishap)) return false;
    if (!this.randomOf(mishap).chance((MISHAPS[mishap] * this.#often) / 100)) return false;
    this.happened(mishap, where);
    return true;
  }

  /** How long until the calamity next happens; `null` when it does not. */
  nextMs(calamity: Calamity): number | null {
    if (!this.enabled.has(calamity)) return null;
    return -Math.log(1 - this.randomOf(calamity).next()) * (CALAMITIES[calamity] / this.#often);
  }

  happened(fault: Fault, where: string): void {
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
    this.#note(() => `FAULT ${fault}: ${where}`);
  }
}
