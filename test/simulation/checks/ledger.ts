import type { Kind } from "../../../sdk/protocol.ts";
import type { Commit, Disk } from "../world/disk.ts";
import { diskSummary } from "./summaries.ts";

/** What the server has really done, for those who judge what its clients have seen of it. */
export class Ledger {
  /** What an operator wanted to take away, by its token; a crash may have prevented it. */
  readonly revoked = new Set<number>();
  /** When it was gone. */
  readonly takenAtMs = new Map<number, number>();
  /** Whose it was. */
  readonly revokedFrom = new Set<string>();
  /** When a stream was last asked to begin anew. */
  resetAtMs = -1;
  readonly #kind: Kind;
  readonly #expired: { readonly client: string; readonly atMs: number }[] = [];
  readonly #sets: { readonly fromMs: number; untilMs: number }[] = [];
  /** How often each item was given to somebody. */
  readonly deliveries = new Map<string, number>();
  readonly #listeners: ((disk: Disk) => void)[] = [];
  #lastCommitAtMs = -1;

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  /** True if somebody has taken anything away from anybody. */
  get hasTaken(): boolean {
    return this.revoked.size > 0 || this.resetAtMs >= 0;
  }

  /** Calls back after each commit. */
  onCommit(listener: (disk: Disk) => void): void {
    this.#listeners.push(listener);
  }

  committed(disk: Disk, { stateWasPut }: Commit, nowMs: number): void {
    this.#lastCommitAtMs = nowMs;
    for (const listener of this.#listeners) listener(disk);
    if (this.#kind !== "event" || !stateWasPut) return;
    const isSet = (disk.state as { isSet?: boolean } | null)?.isSet === true;
    const last = this.#sets.at(-1);
    if (last?.untilMs === Infinity) last.untilMs = nowMs;
    // Where it is not set now, it may have been within this turn.
    this.#sets.push({ fromMs: nowMs, untilMs: isSet ? Infinity : nowMs });
  }

  delivered(item: string, times: number): void {
    this.deliveries.set(item, (this.deliveries.get(item) ?? 0) + times);
  }

  expired(client: string, atMs: number): void {
    this.#expired.push({ client, atMs });
  }

  /** Everything is dropped that was sent until now, and everybody's ends are closed. */
  resetting(disk: Disk, atMs: number): void {
    this.resetAtMs = atMs;
    for (const claim of disk.claims.values()) {
      if (claim.state === "held") this.revoked.add(claim.token);
    }
    for (const { client } of disk.sessions.values()) this.revokedFrom.add(client);
  }

  revoking(token: number, client: string | null): void {
    this.revoked.add(token);
    if (client !== null) this.revokedFrom.add(client);
  }

  /** True if what the client was given at `atMs` may have been given to others too: it had a session that ended. */
  hasLost(client: string, atMs: number): boolean {
    if (this.revokedFrom.has(client)) return true;
    return this.#expired.some((each) => each.client === client && each.atMs >= atMs);
  }

  /** True if the event was set at some time from then on. */
  wasSetSince(atMs: number): boolean {
    return this.#sets.some(({ untilMs }) => untilMs >= atMs);
  }

  /** What statistics must say that were asked for then; `null` where several answers are right. */
  expectedSince(atMs: number, disk: Disk): string | null {
    return this.#lastCommitAtMs >= atMs ? null : diskSummary(this.#kind, disk);
  }
}
