import type { StoredClaim } from "../../../objects/host/ports.ts";
import type {
  ConditionStatistics,
  EventStatistics,
  Kind,
  LimiterStatistics,
  LockStatistics,
  SemaphoreStatistics,
  StreamStatistics,
} from "../../../sdk/protocol.ts";
import type { Disk } from "../world/disk.ts";
import { endsOf, held, permitsOf, streamState, totalOf, waiting, waitingForLock } from "./rows.ts";

/** The same facts, from the disk and from what a client is told (LK4): they are compared as text. */

const FROM_DISK: Record<Kind, (disk: Disk) => unknown[]> = {
  lock: (disk) => [tokenOf(held(disk)), waiting(disk).length],
  semaphore: (disk) => [
    totalOf("semaphore", disk.state) - permitsOf(held(disk)),
    waiting(disk).length,
  ],
  event(disk) {
    const { isSet = false, wokenThrough = 0 } = (disk.state ?? {}) as {
      isSet?: boolean;
      wokenThrough?: number;
    };
    return [isSet, waiting(disk).filter(({ ticket }) => ticket > wokenThrough).length];
  },
  condition(disk) {
    const inLine = waitingForLock(disk).length;
    return [tokenOf(held(disk)), inLine, waiting(disk).length - inLine];
  },
  limiter: (disk) => [
    totalOf("limiter", disk.state),
    held(disk).map(borrowerOf).toSorted().join(),
    waiting(disk).length,
  ],
  stream(disk) {
    const { maxBufferSize } = streamState(disk);
    const buffered = [...disk.items.values()].filter(({ delivery }) => delivery === null).length;
    const blocked = waiting(disk).map(({ detail }) => (detail as { is: string }).is);
    const ends = endsOf(disk);
    return [
      buffered,
      maxBufferSize,
      ends.send,
      ends.receive,
      blocked.filter((is) => is === "send").length,
      blocked.filter((is) => is === "receive").length,
    ];
  },
};

export function diskSummary(kind: Kind, disk: Disk): string {
  return FROM_DISK[kind](disk).join(" | ");
}

const TOLD = {
  lock: ({ owner, tasksWaiting }: LockStatistics) => [owner?.token ?? 0, tasksWaiting],
  semaphore: ({ value, tasksWaiting }: SemaphoreStatistics) => [value, tasksWaiting],
  event: ({ isSet, tasksWaiting }: EventStatistics) => [isSet, tasksWaiting],
  condition: ({ tasksWaiting, lock }: ConditionStatistics) => [
    lock.owner?.token ?? 0,
    lock.tasksWaiting,
    tasksWaiting,
  ],
  limiter: ({ totalTokens, borrowers, tasksWaiting }: LimiterStatistics) => [
    totalTokens ?? Infinity,
    borrowers.toSorted().join(),
    tasksWaiting,
  ],
  stream: (told: StreamStatistics) => [
    told.currentBufferUsed,
    told.maxBufferSize ?? Infinity,
    told.openSendStreams,
    told.openReceiveStreams,
    told.tasksWaitingSend,
    told.tasksWaitingReceive,
  ],
} as const;

export function toldSummary(kind: Kind, statistics: object): string {
  const told = TOLD[kind] as (statistics: object) => unknown[];
  return told(statistics).join(" | ");
}

function tokenOf([owner]: readonly Extract<StoredClaim, { state: "held" }>[]): number {
  return owner?.token ?? 0;
}

function borrowerOf({ detail }: StoredClaim): string {
  return (detail as { borrower: string }).borrower;
}
