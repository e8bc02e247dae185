import type { Fault, Reply } from "../../sdk/protocol.ts";
import type { HostSession } from "./sessions.ts";

/** What a caller asks that keeps no socket: it asks once, waits, and has what it was granted for a time to live. */
export interface OneShot {
  /** The session that what it is granted belongs to: the lease. */
  readonly session: string;
  readonly secretHash: string;
  /** Of a call that begins the session: the name that operators see. `null` where a lease names the session. */
  readonly client: string | null;
  /** How long what is granted lives until the lease is next used, in milliseconds; `null` leaves it as it is. */
  readonly ttlMs: number | null;
  /** The request as on a socket, but for its id and for what the lease stands for; or `renew`. */
  readonly body: Readonly<Record<string, unknown>> & { readonly op: string };
  /** Items that are received count as confirmed with the answer. */
  readonly confirms: boolean;
  /** What makes a repeat of the call known, so that it is answered alike. */
  readonly idempotency: { readonly key: string; readonly fingerprint: string } | null;
}

export interface OneShotAnswer {
  readonly reply: Omit<Extract<Reply, { ok: unknown }>, "re"> | { readonly error: Fault };
  /** What the caller must give back, or loses at that time; `null` where there is nothing. */
  readonly lease: HeldLease | null;
  /** True for a repeat: it was answered before. */
  readonly replayed: boolean;
  /** True if the caller stood in line for it, and so may be gone by now. */
  readonly waited: boolean;
}
export interface HeldLease {
  /** The fencing token; `null` of items, which have none. */
  readonly token: number | null;
  readonly ttlMs: number;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly expiresAtMs: number;
}

/** One call, from when it is asked until its caller has the answer. */
export class Asked {
  readonly oneShot: OneShot;
  readonly #answer: (answer: OneShotAnswer) => void;
  /** Where the answer is waited for: its session and the id of its request. */
  at: { readonly session: HostSession; readonly id: number } | null = null;
  /** True once it stood in line. */
  waited = false;

  constructor(oneShot: OneShot, answer: (answer: OneShotAnswer) => void) {
    this.oneShot = oneShot;
    this.#answer = answer;
  }

  get key(): string | null {
    return this.oneShot.idempotency?.key ?? null;
  }

  answer(answer: OneShotAnswer): void {
    this.#answer(answer);
  }
}
