import type { Lease } from "../../../sdk/index.ts";
import type { SimClient } from "../world/sim_client.ts";
import type { Violations } from "./violations.ts";

interface Belief {
  readonly client: SimClient;
  readonly lease: Lease;
  readonly permits: number;
}

/**
 * Who believes to hold what: from the moment an acquire returned until the release, or until the signal. A program
 * that stands still believes nothing: against pauses only the token helps.
 */
export class Beliefs {
  readonly #violations: Violations;
  readonly #held = new Set<Belief>();
  readonly #tokens = new Set<number>();
  /** What a guarded resource has seen. */
  #newestToken = 0;

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  /** LK1, SE1, LE4, LE5. `total` is what there can be at the most. */
  granted(client: SimClient, lease: Lease, { permits = 1, total = 1 } = {}): Belief {
    const { token } = lease;
    this.#violations.check(!this.#tokens.has(token), () => `token ${token} was given twice`);
    this.#tokens.add(token);
    const belief = { client, lease, permits };
    this.#held.add(belief);
    const holding = [...this.#held].filter((each) => isActing(each));
    const held = holding.reduce((sum, each) => sum + each.permits, 0);
    this.#violations.check(
      held <= total,
      () =>
        `${held} of ${total} are held at once, by ${holding.map((each) => `${each.client.name} (${each.lease.token})`).join(", ")}`,
    );
    return belief;
  }

  /** It gives back what it has, or has noticed that it is lost. */
  ended(belief: Belief): void {
    this.#held.delete(belief);
  }

  /** Writes to a resource that refuses older tokens than it has seen; false if this one is refused. */
  write({ token }: { token: number }): boolean {
    if (token < this.#newestToken) return false;
    this.#newestToken = token;
    return true;
  }
}

function isActing({ client, lease }: Belief): boolean {
  return client.state === "running" && !lease.signal.aborted;
}
