import type { Connection } from "./connection.ts";
import { ClosedResourceError } from "./errors.ts";
import type { LeaseLossReason } from "./fault.ts";
import { lossOf, type Holding } from "./holding.ts";
import type { OpenRequest, StreamConfig } from "./requests.ts";
import type { StreamStatistics as WireStatistics } from "./results.ts";

export interface StreamStatistics {
  readonly currentBufferUsed: number;
  readonly maxBufferSize: number;
  readonly openSendStreams: number;
  readonly openReceiveStreams: number;
  readonly tasksWaitingSend: number;
  readonly tasksWaitingReceive: number;
  /** Items that were accepted, and that nobody will receive: every receiver has closed (ST6). */
  readonly undelivered: number;
}

export async function streamStatistics(
  connection: Connection,
  stated: { config?: StreamConfig } = {},
): Promise<StreamStatistics> {
  const statistics = (await connection.ask({ op: "statistics", ...stated })) as WireStatistics;
  return { ...statistics, maxBufferSize: statistics.maxBufferSize ?? Infinity };
}

/** For how long what was received may go unsaid. */
const UNSAID_MS_MAX = 5;

export type OpenBody = Omit<OpenRequest, "id">;

/** One end of a stream, as long as it is open. */
export class StreamEnd implements Holding {
  readonly connection: Connection;
  readonly token: number;
  /** What was received on it, and is not confirmed yet, by its place in the stream. */
  readonly unconfirmed = new Set<number>();
  /** Received, and not said yet; the first of them since then. */
  #toConfirm: number[] = [];
  #unsaidSinceMs = 0;
  #whyNot: (() => Error) | null = null;
  #closing: Promise<void> | null = null;

  constructor(connection: Connection, token: number) {
    this.connection = connection;
    this.token = token;
  }

  static open(connection: Connection, body: OpenBody): Promise<StreamEnd> {
    return connection.hold(body, StreamEnd);
  }

  /** Why it cannot be used: a ClosedResourceError where it was closed, a LeaseLostError where it was lost; or `null`. */
  get fault(): Error | null {
    return this.#whyNot?.() ?? null;
  }

  /** @throws what `fault` says, once it is known whether the end is still this client's. */
  checkOpen(): void {
    this.connection.noticeSilence();
    if (this.fault !== null) throw this.fault;
  }

  /**
   * Received at a time when more is there already: said with what comes next, when this task is over, or a few
   * milliseconds later where it goes on for so long.
   */
  confirmSoon(seq: number): void {
    const { environment } = this.connection;
    const nowMs = environment.nowMs();
    if (this.#toConfirm.length === 0) {
      this.#unsaidSinceMs = nowMs;
      environment.after(0, () => this.confirm());
    }
    this.#toConfirm.push(seq);
    if (nowMs - this.#unsaidSinceMs >= UNSAID_MS_MAX) this.confirm();
  }

  /** Says what was received. With its end an item has gone back: to confirm it would come too late. */
  confirm(...received: readonly number[]): void {
    const items = [...this.#toConfirm, ...received];
    this.#toConfirm = [];
    for (const seq of items) this.unconfirmed.delete(seq);
    if (items.length > 0 && this.fault === null) this.connection.tell({ op: "confirm", items });
  }

  /** Calls that are blocked in it settle with `closed` (ST8). Idempotent (ST4). */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  lose(reason: LeaseLossReason | null): void {
    if (reason === "session-ended") this.confirm();
    this.#whyNot ??=
      reason === null || reason === "session-ended"
        ? closedByItsUser
        : () => lossOf("This end of the stream", reason);
  }

  async #close(): Promise<void> {
    const isOpen = this.#whyNot === null;
    this.#whyNot ??= closedByItsUser;
    if (isOpen) await this.connection.release(this);
  }
}

function closedByItsUser(): ClosedResourceError {
  return new ClosedResourceError("This end of the stream was closed.");
}

/** A delivery that nobody waits for goes back, and on to others, unless an end has its items already. */
export function giveBackItems(connection: Connection): void {
  connection.giveBack = (id, answer) => {
    if (!("items" in answer)) return;
    const ends = [...connection.holdings.values()].filter((each) => each instanceof StreamEnd);
    const isKnown = answer.items.some(({ seq }) => ends.some((end) => end.unconfirmed.has(seq)));
    if (!isKnown) connection.tell({ op: "cancel", target: id });
  };
}
