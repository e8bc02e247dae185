import type { Connection } from "./connection.ts";
import { ClosedResourceError, LeaseLostError } from "./errors.ts";
import type { LeaseLossReason } from "./fault.ts";
import type { Holding } from "./holding.ts";
import { tokenOf } from "./lease.ts";
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

export type OpenBody = Omit<OpenRequest, "id">;

/** One end of a stream, as long as it is open. */
export class StreamEnd implements Holding {
  readonly connection: Connection;
  readonly token: number;
  readonly unconfirmed = new Set<number>();
  /** Received, and not said yet. */
  #toConfirm: number[] = [];
  #whyNot: (() => Error) | null = null;
  #closing: Promise<void> | null = null;

  constructor(connection: Connection, token: number) {
    this.connection = connection;
    this.token = token;
  }

  static open(connection: Connection, body: OpenBody): Promise<StreamEnd> {
    return connection.hold(body, (result) => new StreamEnd(connection, tokenOf(result)));
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

  /** Received at a time when more is there already: said with what comes next, or when this task is over. */
  confirmSoon(seq: number): void {
    this.#toConfirm.push(seq);
    if (this.#toConfirm.length > 1) return;
    this.connection.environment.after(0, () => this.confirm());
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

  lose(reason: LeaseLossReason): void {
    if (reason === "session-ended") this.confirm();
    if (reason === "session-ended") this.#whyNot ??= closedByItsUser;
    const message = `This end of the stream is lost: ${LOSSES[reason]}.`;
    this.#whyNot ??= () => new LeaseLostError(message, { reason });
  }

  returned(): void {
    this.#whyNot ??= closedByItsUser;
  }

  async #close(): Promise<void> {
    this.confirm();
    const isOpen = this.#whyNot === null;
    this.#whyNot ??= closedByItsUser;
    if (isOpen) await this.connection.release(this);
  }
}

const LOSSES: Record<LeaseLossReason, string> = {
  expired: "the server was not heard for as long as it keeps a silent client",
  revoked: "somebody else closed it, or reset the stream",
  "session-ended": "its client was closed",
};

function closedByItsUser(): ClosedResourceError {
  return new ClosedResourceError("This end of the stream was closed.");
}
