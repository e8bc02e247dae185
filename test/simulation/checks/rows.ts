import type { StoredClaim } from "../../../objects/host/ports.ts";
import type { Kind, Side } from "../../../sdk/protocol.ts";
import type { Disk } from "../world/disk.ts";

/** What the rows on the disk mean. */

/** Of these what waits waits to hold, in a line for permits. */
export const HAS_LINE: Readonly<Record<Kind, boolean>> = {
  lock: true,
  semaphore: true,
  event: false,
  condition: true,
  limiter: true,
  stream: false,
};

export type Waiting = Extract<StoredClaim, { state: "waiting" }>;
export type Held = Extract<StoredClaim, { state: "held" }>;

export function waiting(disk: Disk): Waiting[] {
  return [...disk.claims.values()].filter((claim) => claim.state === "waiting");
}

/** In the order in which they were granted. */
export function held(disk: Disk): Held[] {
  return [...disk.claims.values()]
    .filter((claim) => claim.state === "held")
    .toSorted((a, b) => a.token - b.token);
}

export function isParked({ detail }: StoredClaim): boolean {
  return detail === "parked";
}

/** Those in line for what can be held. Of a condition not those who wait to be notified. */
export function waitingForLock(disk: Disk): Waiting[] {
  return waiting(disk).filter((claim) => !isParked(claim));
}

export function permitsOf(claims: readonly StoredClaim[]): number {
  return claims.reduce((sum, { permits }) => sum + permits, 0);
}

export function totalOf(kind: Kind, state: unknown): number {
  if (kind === "lock" || kind === "condition") return 1;
  const none = kind === "limiter" ? null : 0;
  const { total = none } = (state ?? {}) as { total?: number | null };
  return total ?? Infinity;
}

export function streamState({ state }: Disk): {
  maxBufferSize: number;
  opened: Readonly<Record<Side, boolean>>;
} {
  const { maxBufferSize = null, opened = { send: false, receive: false } } = (state ?? {}) as {
    maxBufferSize?: number | null;
    opened?: Record<Side, boolean>;
  };
  return { maxBufferSize: maxBufferSize ?? Infinity, opened };
}

/** How many ends are open. */
export function endsOf(disk: Disk): Record<Side, number> {
  const ends = { send: 0, receive: 0 };
  for (const { detail } of held(disk)) ends[(detail as { side: Side }).side] += 1;
  return ends;
}
