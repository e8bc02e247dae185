import type { OneShotAnswer } from "../../../objects/host/asked.ts";
import type { Inspection } from "../../../objects/core/machine.ts";
import type { Request, Statistics } from "../../../sdk/protocol.ts";
import type { Call } from "./call.ts";
import type { Commit, Disk } from "./disk.ts";

/** Looks on at one object, and complains. Sees what the object itself cannot: all of its instances, and the disk. */
export interface Observer {
  /** The server has a sign of life of a client, on a connection on which it has welcomed it. */
  alive(session: string, attempt: number, atMs: number): void;
  /** The server has told a connection that a later one has taken its place. */
  turnedAway(session: string, attempt: number): void;
  /** An instance is about to be given a request. `nowMs` is its own time. */
  heard(session: string, request: Request, nowMs: number): void;
  /** An instance is about to be given a call. */
  called(call: Call, nowMs: number): void;
  /** It has answered, whether its caller hears of it or not. */
  answered(call: Call, answer: OneShotAnswer): void;
  /** It is about to be told that the caller has hung up. */
  hungUp(call: Call): void;
  /** It could have learnt by now that nobody reads what it has answered. */
  missed(call: Call): void;
  /** An instance starts, and knows only what is on the disk. */
  started(): void;
  /** The call is not under way any more, at this instance. */
  callIsOver(call: Call): void;
  /** An operator is about to take away what has the token. */
  revoking(token: number): void;
  /** It is taken away, and that is on the disk. */
  revoked(token: number): void;
  committed(disk: Disk, commit: Commit): void;
  wiped(): void;
  /** What an operator has been told. */
  inspected(disk: Disk, report: Statistics & Inspection): void;
  /** The instance has nothing under way. */
  atRest(disk: Disk, rest: Rest): void;
}

export interface Rest {
  /** The instance's time. */
  readonly nowMs: number;
  /** False once the server's clock has been set back. */
  readonly isClockTrue: boolean;
  readonly alarmAtMs: number | null;
  /** The sessions of the sockets that it has. */
  readonly sessions: ReadonlySet<string>;
  /** Those of the calls that it has not answered. */
  readonly callers: ReadonlySet<string>;
}
