import type { Random } from "./random.ts";

/** Everything that can go wrong, and how often: of a hundred chances, or a mean time between, in milliseconds. */
export const FAULTS = {
  /** The connection is cut: what is on its way is lost, and each side learns of it sooner or later. */
  cut: { everyMs: 4_000 },
  /** One direction of a connection goes silent, and nobody is told. */
  "half-open": { everyMs: 8_000 },
  /** A connection stands still for a while, then everything comes at once. */
  stall: { everyMs: 5_000 },
  /** A connection cannot be opened. */
  unreachable: { percent: 5 },
  /** The object's process dies between any two steps. */
  crash: { percent: 0.3 },
  /** The object dies with its process when nothing is under way, as in a deploy. */
  deploy: { everyMs: 15_000 },
  /** The object hibernates, its sockets stay. */
  hibernation: { everyMs: 2_000 },
  /** A new instance takes over while the old one lives on with its sockets. */
  twin: { everyMs: 12_000 },
  /** A commit fails, and nothing was written. */
  "failed commit": { percent: 0.3 },
  /** A commit fails, and everything was written. */
  "unknown commit": { percent: 0.3 },
  "late alarm": { percent: 10 },
  "early alarm": { percent: 5 },
  "double alarm": { percent: 5 },
  /** A client's process stands still, perhaps for longer than its lease. */
  pause: { everyMs: 9_000 },
  /** A client's process dies and does not come back. */
  "client crash": { everyMs: 40_000 },
  /** The server's clock is set back. */
  "clock back": { everyMs: 20_000 },
} as const satisfies Record<string, { everyMs: number } | { percent: number }>;

export type Fault = keyof typeof FAULTS;

/** Which faults there are in a run, how often each has happened, and whether they go on. */
export class Faults {
  readonly enabled: ReadonlySet<Fault>;
  readonly counts = new Map<Fault, number>();
  isHealed = false;
  readonly #random: Random;
  readonly #log: (line: string) => void;

  constructor(enabled: ReadonlySet<Fault>, random: Random, log: (line: string) => void) {
    this.enabled = enabled;
    this.#random = random;
    this.#log = log;
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** True if the fault happens now, which is one of its chances. */
  strikes(fault: Fault, where: string): boolean {
    const { percent } = FAULTS[fault] as { percent?: number };
    if (percent === undefined || !this.#isOn(fault)) return false;
    if (!this.#random.chance(percent / 100)) return false;
    this.happened(fault, where);
    return true;
  }

  /** How long until the fault next happens; `null` when it does not. */
  nextMs(fault: Fault): number | null {
    const { everyMs } = FAULTS[fault] as { everyMs?: number };
    if (everyMs === undefined || !this.enabled.has(fault)) return null;
    return -Math.log(1 - this.#random.next()) * everyMs;
  }

  happened(fault: Fault, where: string): void {
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
    this.#log(`FAULT ${fault}: ${where}`);
  }

  #isOn(fault: Fault): boolean {
    return !this.isHealed && this.enabled.has(fault);
  }
}
