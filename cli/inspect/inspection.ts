import type { OwnerStatistics, Statistics } from "../../sdk/protocol.ts";

/** What `GET /v1/:namespace/:kind/:name` answers (PROTOCOL, P-W1): statistics, and who holds and who waits. */
export type Inspection = Statistics & {
  readonly holders: readonly Holder[];
  readonly waiters: readonly Waiter[];
};

export interface Holder extends OwnerStatistics {
  readonly permits: number;
  readonly borrower?: string;
  readonly side?: "send" | "receive";
}

export interface Waiter {
  readonly client: string;
  readonly permits: number;
  readonly since: number;
  readonly position: number;
  readonly waitsFor?: "lock" | "notification" | "room" | "item";
  readonly borrower?: string;
}
