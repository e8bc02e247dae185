import { LeaseLostError, type Lease } from "../../../sdk/index.ts";
import type { Stage } from "../workloads/workload.ts";
import type { Ledger } from "./ledger.ts";
import type { Violations } from "./violations.ts";

/** A program that holds something: one with the SDK in it, or one that calls. */
export interface Holder {
  readonly name: string;
  readonly state: "running" | "paused" | "dead";
  readonly isUpToDate: boolean;
  readonly pauses: number;
  readonly ttlMs: number;
  readonly nowMs: number;
}

export interface Belief {
  readonly client: Holder;
  readonly lease: Granted;
  readonly permits: number;
  readonly pausesBefore: number;
}

export type Granted = Pick<Lease, "token" | "signal">;

/** What is under way to a client may stand still for so long, and its answers too. */
const TOLD_MS = 3_000;

/**
 * Who believes to hold what: from the moment an acquire returned until the release, or until the signal. A program
 * that stands still believes nothing, for against pauses only the token helps; nor does whoever an operator has
 * taken it from, without asking.
 */
export class Beliefs {
  readonly #violations: Violations;
  readonly #ledger: Ledger;
  readonly #isFaultless: boolean;
  readonly #held = new Set<Belief>();
  readonly #tokens = new Set<number>();
  /** What a guarded resource has seen. */
  #newestToken = 0;

  constructor({ violations, ledger, world }: Pick<Stage, "violations" | "ledger" | "world">) {
    this.#violations = violations;
    this.#ledger = ledger;
    this.#isFaultless = world.faults.enabled.size === 0;
  }

  /** LK1, SE1, LE4, LE5. `total` is what there can be at the most; `mayLose` says who else may take it away. */
  granted(
    client: Holder,
    lease: Granted,
    { permits = 1, total = 1, mayLose = () => false }: GrantedOptions = {},
  ): Belief {
    this.#notTwice(lease);
    this.#explained(lease, mayLose);
    const belief = { client, lease, permits, pausesBefore: client.pauses };
    this.#held.add(belief);
    // Whoever has just woken, and has not learnt yet what it has missed, has done nothing on the strength of it.
    const holding = [...this.#held].filter(
      (each) => this.isReal(each) && (each === belief || each.client.isUpToDate),
    );
    const held = holding.reduce((sum, each) => sum + each.permits, 0);
    this.#violations.check(
      "LE4",
      held <= total,
      () =>
        `${held} of ${total} are held at once, by ${holding.map((each) => `${each.client.name} (${each.lease.token})`).join(", ")}`,
    );
    return belief;
  }

  /** The same lease has been granted anew, with another token. */
  regranted({ client, lease }: Belief, before: number): Belief {
    const isGreater = lease.token > before;
    this.#violations.check("CO6", isGreater, () => "a wait came back with an old token");
    return this.granted(client, lease, { mayLose: () => this.#ledger.revoked.size > 0 });
  }

  /** It gives back what it has, or has noticed that it is lost. */
  ended(belief: Belief): void {
    this.#held.delete(belief);
    const { client, lease, pausesBefore } = belief;
    const takenAtMs = this.#ledger.takenAtMs.get(lease.token) ?? Infinity;
    // LE4: by then it has been told, or has not heard the server for so long that it trusts nothing.
    const toldByMs = takenAtMs + 1.2 * client.ttlMs + TOLD_MS;
    this.#violations.check(
      "LE4",
      lease.signal.aborted || client.nowMs < toldByMs || client.pauses > pausesBefore,
      () => `${client.name} has not heard that an operator took ${lease.token}`,
    );
  }

  /** Writes to a resource that refuses older tokens than it has seen; false if this one is refused. */
  write({ token }: { token: number }): boolean {
    if (token < this.#newestToken) return false;
    this.#newestToken = token;
    return true;
  }

  isReal({ client, lease }: Belief): boolean {
    if (client.state !== "running" || lease.signal.aborted) return false;
    return !this.#ledger.revoked.has(lease.token);
  }

  #notTwice({ token }: Granted): void {
    this.#violations.check("LE5", !this.#tokens.has(token), () => `token ${token} came twice`);
    this.#tokens.add(token);
  }

  /** LE1: nobody loses what no operator has taken, but by its own silence. */
  #explained(lease: Granted, mayLose: () => boolean): void {
    const { token, signal } = lease;
    const judge = (): void => {
      const reason: unknown = signal.reason;
      const isSilent = reason instanceof LeaseLostError && reason.reason === "expired";
      this.#violations.check(
        "LE1",
        !isSilent || !this.#isFaultless,
        () => `the lease ${token} is lost, and nothing was wrong`,
      );
      const isTaken = reason instanceof LeaseLostError && reason.reason === "revoked";
      this.#violations.check(
        "LE1",
        !isTaken || this.#ledger.revoked.has(token) || mayLose(),
        () => `the lease ${token} is said to be revoked, and nobody has done it`,
      );
    };
    if (signal.aborted) judge();
    else signal.addEventListener("abort", judge);
  }
}

interface GrantedOptions {
  permits?: number;
  total?: number;
  mayLose?: () => boolean;
}
