import type { Inspection } from "../objects/core/machine.ts";
import type {
  ConditionStatistics,
  EventStatistics,
  LimiterStatistics,
  LockStatistics,
  SemaphoreStatistics,
  StreamStatistics,
} from "../sdk/protocol.ts";

/**
 * What `GET /v1/:namespace/:kind/:name` answers, for each kind: its statistics, who holds, and who waits. It is JSON,
 * so `null` stands for infinity.
 */
export interface Inspections {
  readonly lock: LockStatistics & Inspection;
  readonly semaphore: SemaphoreStatistics & Inspection;
  readonly event: EventStatistics & Inspection;
  readonly condition: ConditionStatistics & Inspection;
  readonly limiter: LimiterStatistics & Inspection;
  readonly stream: StreamStatistics & Inspection;
}
