import { claimKey, type StoredClaim } from "../../objects/host/ports.ts";
import type { ClaimRow } from "../../objects/host/schema.ts";
import { Slots } from "../../objects/host/slots.ts";

/** What a turn has made of a claim. Where it ended, `token` is what it was granted, if it ever was. */
export type Change =
  | { readonly claim: string; readonly to: "waiting" }
  | { readonly claim: string; readonly to: "held"; readonly token: number }
  | { readonly claim: string; readonly to: "ended"; readonly token: number | null };

/** The table of claims as SQL would hold it, written the way the store does. */
export class ClaimTable {
  readonly rows = new Map<number, ClaimRow>();
  /** Rows inserted, updated or deleted so far. */
  writesCount = 0;
  slots = new Slots();

  /** What another instance would find. */
  read(): { slots: Slots; claims: StoredClaim[] } {
    const slots = new Slots();
    return { slots, claims: slots.load([...this.rows.values()]) };
  }

  restart(): void {
    this.slots = this.read().slots;
  }

  /** One transaction. Grants go first, as in the store. */
  commit(changes: readonly Change[], nowMs: number): void {
    for (const change of changes) if (change.to !== "ended") this.#put(change, nowMs);
    for (const change of changes) if (change.to === "ended") this.#end(change, nowMs);
  }

  #put(change: Exclude<Change, { to: "ended" }>, nowMs: number): void {
    const key = claimKey(change.claim, 1);
    const token = change.to === "held" ? change.token : 0;
    const slot = this.slots.of(key) ?? this.slots.take(key, token);
    if (change.to === "held") this.slots.granted(slot, token);
    this.#write(slot, {
      slot,
      state: change.to,
      session: change.claim,
      request_id: 1,
      permits: 1,
      requested_at_ms: nowMs,
      ticket: 1,
      deadline_ms: null,
      token,
      at_ms: nowMs,
      detail: null,
    });
  }

  #end({ claim, token }: Change & { to: "ended" }, nowMs: number): void {
    const key = claimKey(claim, 1);
    const untold = token !== null && token > this.slots.lastToken;
    if (untold) this.#put({ claim, to: "held", token }, nowMs);
    const slot = this.slots.of(key);
    if (slot === null) return;
    const row = this.rows.get(slot);
    if (row === undefined) throw new Error(`There is no row ${slot}.`);
    const kept = this.slots.end(key, slot, nowMs) === "keep";
    this.#write(slot, kept ? { ...row, state: "ended", at_ms: nowMs } : null);
  }

  #write(slot: number, row: ClaimRow | null): void {
    this.writesCount += 1;
    if (row === null) this.rows.delete(slot);
    else this.rows.set(slot, row);
  }
}
