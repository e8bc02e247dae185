import type { AppliedRecord } from "../core/applied.ts";
import type { Claim } from "../core/claim.ts";
import type { Delivery, Item } from "../core/machine.ts";

/** What the host needs of the world, small enough that a simulator can be the world. */
export interface Ports {
  readonly store: Store;
  readonly alarm: Alarm;
  readonly clock: Clock;
  /** The sockets that are open now, those that outlived a hibernation too. */
  sockets(): Iterable<Socket>;
  /** Runs something on the next round of the event loop, when a message that is already here has been read. */
  soon(run: () => void): void;
  /** Throws this instance's memory away: nothing after it runs, and the next event starts anew from disk. */
  abort(reason: string): void;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
}

export interface Socket {
  send(text: string): void;
  close(code: number, reason: string): void;
  /** What survives hibernation with the socket. */
  attachment(): Attachment | null;
  attach(attachment: Attachment | null): void;
  /** When the platform last answered a ping on this socket, by the host's clock; `null` if it never did. */
  lastPingMs(): number | null;
}

export interface Attachment {
  readonly session: string;
  readonly attempt: number;
  readonly heardAtMs: number;
}

export interface Alarm {
  /** When the alarm will fire; `null` when it is not armed. */
  readonly armedAtMs: number | null;
  arm(atMs: number): void;
  /** Tells the port that the alarm has gone off. */
  fired(): void;
}

export interface Store {
  /** Everything that is on disk. */
  load(): Stored;
  /** Writes all of it in one transaction, or throws and writes none. */
  commit(changes: Changes): void;
  /** Reads a row. Only storage access exposes an instance that another has replaced. */
  probe(): void;
  /** What the call with this idempotency key was answered; `null` where none was. */
  answer(key: string): StoredAnswer | null;
  /** False while nothing was ever written: looking at a name that nobody used leaves no trace. */
  readonly isUsed: boolean;
  /** When the claim with the greatest token ended, in milliseconds since the epoch; 0 if none has. */
  readonly lastEndedAtMs: number;
  /** Until when some answer is to be kept, in milliseconds since the epoch; 0 where there is none. */
  readonly answersUntilMs: number;
  /** Removes everything. */
  wipe(): void;
}

export interface StoredSession {
  readonly id: string;
  readonly secretHash: string;
  readonly client: string;
  readonly ttlMs: number;
  readonly applied: AppliedRecord;
  /** When a detached session ends; `null` while it is connected. */
  readonly expiresAtMs: number | null;
}

/** A claim on disk names its session; the host puts the two together. */
export type StoredClaim = {
  [State in Claim["state"]]: Omit<Extract<Claim, { state: State }>, "session"> & {
    readonly session: string;
  };
}[Claim["state"]];

/** So does the delivery of an item. */
export type StoredItem = Omit<Item, "delivery"> & {
  readonly delivery: (Omit<Delivery, "session"> & { readonly session: string }) | null;
};

/** What a call was answered that had an idempotency key, so that its repeats are answered alike. */
export interface StoredAnswer {
  /** Tells another call with the same key from a repeat. */
  readonly fingerprint: string;
  /** JSON. */
  readonly text: string;
  readonly expiresAtMs: number;
}

export interface Stored {
  readonly sessions: readonly StoredSession[];
  readonly claims: readonly StoredClaim[];
  readonly items: readonly StoredItem[];
  readonly lastToken: number;
  readonly state: unknown;
}

/** What one turn changed. Of several changes to one thing only the last is here. */
export interface Changes {
  readonly nowMs: number;
  readonly sessions: ReadonlyMap<string, StoredSession | null>;
  readonly claims: ReadonlyMap<string, ClaimChange>;
  /** By `seq`; `null` for an item that is gone. */
  readonly items: ReadonlyMap<number, Item | null>;
  readonly state: { readonly value: unknown } | null;
  /** By their keys. Those that have expired by now may go. */
  readonly answers: ReadonlyMap<string, StoredAnswer>;
}

export interface ClaimChange {
  readonly claim: Claim;
  readonly ended: boolean;
}

export function claimKey(session: string, requestId: number): string {
  return `${session}/${requestId}`;
}
