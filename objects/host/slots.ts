import { claimKey, type StoredClaim } from "./ports.ts";
import type { ClaimRow } from "./schema.ts";

/**
 * Which row each claim has. The claim with the greatest token keeps its row when it ends, as an ended row, until a
 * greater token is on disk: so tokens never fall, whatever the clock does (LE2), and yet an acquire and its release
 * write one row each.
 */
export class Slots {
  readonly #byClaim = new Map<string, number>();
  /** Ended rows whose token no longer matters: the next claim overwrites one rather than adding a row. */
  #spare: number[] = [];
  #greatest: { slot: number; token: number; endedAtMs: number | null } | null = null;
  #unused = 0;

  /** Takes over what is on disk; the live claims among it are returned. */
  load(rows: Iterable<ClaimRow>): StoredClaim[] {
    const claims: StoredClaim[] = [];
    for (const row of rows) {
      this.#unused = Math.max(this.#unused, row.slot + 1);
      if (row.state === "ended") this.#spare.push(row.slot);
      this.#noteToken(row);
      const claim = liveClaim(row);
      if (claim === null) continue;
      this.#byClaim.set(claimKey(row.session, row.request_id), row.slot);
      claims.push(claim);
    }
    this.#spare = this.#spare.filter((slot) => slot !== this.#greatest?.slot);
    return claims;
  }

  get lastToken(): number {
    return this.#greatest?.token ?? 0;
  }

  get lastEndedAtMs(): number {
    return this.#greatest?.endedAtMs ?? 0;
  }

  of(key: string): number | null {
    return this.#byClaim.get(key) ?? null;
  }

  /** A row for a claim that has none yet; `token` is 0 for one that waits. */
  take(key: string, token: number): number {
    const slot = this.#overwritable(token) ?? this.#spare.pop() ?? this.#unused++;
    this.#byClaim.set(key, slot);
    return slot;
  }

  /** The claim in this row has been granted its token. */
  granted(slot: number, token: number): void {
    if (token <= this.lastToken) return;
    const before = this.#greatest;
    if (before !== null && before.endedAtMs !== null && before.slot !== slot) {
      this.#spare.push(before.slot);
    }
    this.#greatest = { slot, token, endedAtMs: null };
  }

  /** The claim has ended: is its row to be kept, for its token's sake, or deleted? */
  end(key: string, slot: number, endedAtMs: number): "keep" | "delete" {
    this.#byClaim.delete(key);
    if (this.#greatest?.slot !== slot) return "delete";
    this.#greatest.endedAtMs = endedAtMs;
    return "keep";
  }

  /** The row of the greatest token, if that claim has ended and the new token is greater still. */
  #overwritable(token: number): number | null {
    if (this.#greatest === null || this.#greatest.endedAtMs === null) return null;
    return token > this.#greatest.token ? this.#greatest.slot : null;
  }

  #noteToken({ slot, state, token, at_ms }: ClaimRow): void {
    if (token <= this.lastToken) return;
    this.#greatest = { slot, token, endedAtMs: state === "ended" ? at_ms : null };
  }
}

function liveClaim(row: ClaimRow): StoredClaim | null {
  const base = {
    session: row.session,
    requestId: row.request_id,
    permits: row.permits,
    requestedAtMs: row.requested_at_ms,
    detail: row.detail === null ? null : (JSON.parse(row.detail) as unknown),
  };
  switch (row.state) {
    case "waiting":
      return { ...base, state: row.state, ticket: row.ticket, deadlineMs: row.deadline_ms };
    case "held":
      return { ...base, state: row.state, token: row.token, grantedAtMs: row.at_ms };
    case "ended":
      return null;
  }
}
