/** What a request is answered with, and what `statistics` says. Times are milliseconds since the epoch, the server's. */
export type Result =
  | Grant
  | Remembered
  | DeliveredItems
  | Cancelled
  | Statistics
  | Record<string, never>;

export interface Grant {
  readonly token: number;
  /** Of a condition's `wait`: how the waiting ended. The lock is held however it did. */
  readonly woken?: "notified" | "timed-out" | "cancelled";
}

/** Of an event's `wait` that was woken: the server remembers it until the request is cancelled (EV2). */
export interface Remembered {
  readonly remembered: true;
}

export interface DeliveredItems {
  readonly items: readonly DeliveredItem[];
}
export interface DeliveredItem {
  readonly seq: number;
  /** JSON. */
  readonly item: string;
  /** True if another client was given it before, and fell silent. */
  readonly redelivered?: boolean;
}

/** Of a stream: whether the send that was to be withdrawn had taken effect, and so stays. */
export interface Cancelled {
  readonly applied: boolean;
}

export type Statistics =
  | LockStatistics
  | SemaphoreStatistics
  | EventStatistics
  | ConditionStatistics
  | LimiterStatistics
  | StreamStatistics;

export interface OwnerStatistics {
  readonly client: string;
  readonly token: number;
  /** When it was granted. */
  readonly since: number;
}
export interface LockStatistics {
  readonly locked: boolean;
  readonly owner: OwnerStatistics | null;
  readonly tasksWaiting: number;
}
export interface SemaphoreStatistics {
  readonly value: number;
  /** `null` where the semaphore was configured without one. */
  readonly maxPermits: number | null;
  readonly tasksWaiting: number;
}
export interface EventStatistics {
  readonly isSet: boolean;
  readonly tasksWaiting: number;
}
export interface ConditionStatistics {
  /** How many wait to be notified. */
  readonly tasksWaiting: number;
  readonly lock: LockStatistics;
}
/** As it travels: `null` stands for infinity, which JSON lacks. */
export interface LimiterStatistics {
  readonly totalTokens: number | null;
  readonly borrowedTokens: number;
  readonly availableTokens: number | null;
  readonly borrowers: readonly string[];
  readonly tasksWaiting: number;
}
/** As it travels: `null` stands for infinity, which JSON lacks. */
export interface StreamStatistics {
  readonly currentBufferUsed: number;
  readonly maxBufferSize: number | null;
  readonly openSendStreams: number;
  readonly openReceiveStreams: number;
  readonly tasksWaitingSend: number;
  readonly tasksWaitingReceive: number;
  /** Items that were accepted, and that nobody will receive: every receiver has closed (ST6). */
  readonly undelivered: number;
}
