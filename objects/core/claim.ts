import type { Applied } from "./applied.ts";

/** One client's relation to one object, as the core sees it. The host knows its socket, secret and TTL. */
export interface Session {
  readonly id: string;
  readonly client: string;
  /** Its requests that took effect and left no claim behind. */
  readonly applied: Applied;
}

interface ClaimBase<Detail> {
  readonly session: Session;
  /** The request that made the claim. Session and request id are its key: a repeat finds it again (LE5). */
  readonly requestId: number;
  readonly permits: number;
  readonly requestedAtMs: number;
  /** What only its own primitive knows of it: JSON. */
  readonly detail: Detail;
}

/** In line. A greater `ticket` came later. */
export interface WaitingClaim<Detail = unknown> extends ClaimBase<Detail> {
  readonly state: "waiting";
  readonly ticket: number;
  readonly deadlineMs: number | null;
}

/** Granted, until it is released or its session ends. */
export interface HeldClaim<Detail = unknown> extends ClaimBase<Detail> {
  readonly state: "held";
  readonly token: number;
  readonly grantedAtMs: number;
}

export type Claim<Detail = unknown> = WaitingClaim<Detail> | HeldClaim<Detail>;
