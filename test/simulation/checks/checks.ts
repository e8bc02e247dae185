import type { OneShotAnswer } from "../../../objects/host/asked.ts";
import type { Inspection } from "../../../objects/core/machine.ts";
import type { Kind, Request, Statistics } from "../../../sdk/protocol.ts";
import type { Call } from "../world/call.ts";
import type { Commit, Disk } from "../world/disk.ts";
import type { Observer, Rest } from "../world/observer.ts";
import type { Timeline } from "../world/timeline.ts";
import { CallChecks, isByOwner } from "./calls.ts";
import { ConditionChecks } from "./condition.ts";
import { DeadlineChecks } from "./deadlines.ts";
import { EventChecks } from "./event.ts";
import { grantsOf, TokenChecks } from "./grants.ts";
import { Ledger } from "./ledger.ts";
import { LineChecks } from "./line.ts";
import { HAS_LINE, held, waiting } from "./rows.ts";
import { SessionChecks } from "./sessions.ts";
import { StreamChecks } from "./stream.ts";
import { diskSummary, toldSummary } from "./summaries.ts";
import type { Violations } from "./violations.ts";

/** Looks at the disk after every commit, and whenever the object is at rest: what must be true of it whatever happened. */
export class ObjectChecks implements Observer {
  readonly ledger: Ledger;
  readonly #kind: Kind;
  readonly #violations: Violations;
  readonly #timeline: Timeline;
  readonly #sessions: SessionChecks;
  readonly #deadlines: DeadlineChecks;
  readonly #calls: CallChecks;
  readonly #tokens: TokenChecks;
  readonly #line: LineChecks | null;
  readonly #condition: ConditionChecks | null;
  readonly #event: EventChecks | null;
  readonly #stream: StreamChecks | null;
  #disk: Disk | null = null;

  constructor(kind: Kind, violations: Violations, timeline: Timeline) {
    this.ledger = new Ledger(kind);
    this.#kind = kind;
    this.#violations = violations;
    this.#timeline = timeline;
    this.#sessions = new SessionChecks(violations, this.ledger);
    this.#deadlines = new DeadlineChecks(violations);
    this.#calls = new CallChecks(kind, violations, this.ledger);
    this.#tokens = new TokenChecks(violations);
    this.#line = HAS_LINE[kind] ? new LineChecks(kind, violations) : null;
    this.#condition = kind === "condition" ? new ConditionChecks(violations, this.ledger) : null;
    this.#event = kind === "event" ? new EventChecks(violations) : null;
    this.#stream = kind === "stream" ? new StreamChecks(violations, this.ledger) : null;
  }

  alive(session: string, attempt: number, atMs: number): void {
    this.#sessions.alive(session, attempt, atMs);
  }

  turnedAway(session: string, attempt: number): void {
    this.#sessions.turnedAway(session, attempt);
  }

  heard(session: string, request: Request, nowMs: number): void {
    this.#sessions.asked(session, request);
    this.#calls.asked(request);
    this.#deadlines.asked(session, request, nowMs);
    this.#condition?.asked(session, request);
    this.#stream?.asked(request);
    if (request.op === "reset" && this.#disk !== null) {
      this.ledger.resetting(this.#disk, this.#timeline.nowMs);
    }
  }

  called(call: Call, nowMs: number): void {
    if (!isByOwner(call)) return;
    const { session, client, body, idempotency } = call.oneShot;
    const isAnswered = this.#disk?.answers.has(idempotency?.key ?? "") === true;
    this.#calls.called(call, { isAnswered, nowMs: this.#timeline.nowMs });
    // What begins a session is the first request of it; the numbers of others are the host's affair.
    const request = { ...body, id: client === null ? Infinity : 1 } as unknown as Request;
    this.heard(session, request, nowMs);
    if (request.op === "release" || request.op === "confirm") this.#sessions.ends(session);
  }

  answered(call: Call, answer: OneShotAnswer): void {
    this.#calls.answered(call, answer, this.#timeline.nowMs);
    if (this.#disk !== null && isByOwner(call)) this.#calls.released(this.#disk, call, answer);
  }

  hungUp(call: Call): void {
    const { oneShot } = call;
    this.#calls.hungUp(call);
    this.#stream?.asked({ id: 0, op: "end" });
    if (oneShot.client !== null) this.#sessions.ends(oneShot.session);
  }

  missed(call: Call): void {
    this.#calls.missed(call, this.#timeline.nowMs);
  }

  started(): void {
    this.#calls.started();
  }

  callIsOver(call: Call): void {
    this.#calls.isOver(call, this.#timeline.nowMs);
  }

  revoking(token: number): void {
    const disk = this.#disk;
    const claim = disk === null ? undefined : held(disk).find((each) => each.token === token);
    const session = claim === undefined ? undefined : disk?.sessions.get(claim.session);
    this.ledger.revoking(token, session?.client ?? null);
  }

  revoked(token: number): void {
    this.ledger.takenAtMs.set(token, this.#timeline.nowMs);
  }

  committed(disk: Disk, commit: Commit): void {
    this.#disk = disk;
    const { nowMs } = this.#timeline;
    const granted = grantsOf(commit);
    this.ledger.committed(disk, commit, nowMs);
    this.#tokens.committed(granted, commit);
    this.#sessions.committed(disk, commit, nowMs);
    this.#calls.committed(disk, commit, nowMs);
    this.#line?.committed(disk, commit, granted);
    this.#condition?.committed(disk, commit);
    this.#event?.committed(disk);
    this.#stream?.committed(disk, commit);
  }

  wiped(): void {
    this.#event?.wiped();
  }

  /** LK4. */
  inspected(disk: Disk, report: Statistics & Inspection): void {
    const told = toldSummary(this.#kind, report);
    const truth = diskSummary(this.#kind, disk);
    this.#violations.check(
      "LK4",
      told === truth,
      () => `an operator is told ${told}, not ${truth}`,
    );
    const tokens = report.holders.map(({ token }) => token).toSorted((a, b) => a - b);
    const owners = held(disk).map(({ token }) => token);
    this.#violations.check(
      "LK4",
      tokens.join() === owners.join() && report.waiters.length <= waiting(disk).length,
      () => `an operator is told of ${tokens.join()}, and ${owners.join()} are held`,
    );
  }

  atRest(disk: Disk, rest: Rest): void {
    this.#sessions.atRest(disk, rest);
    this.#deadlines.atRest(disk, rest);
    this.#calls.atRest(disk);
  }
}
