import type { Machine } from "../core/machine.ts";
import type { Ports } from "./ports.ts";
import { sessionDeadline, type HostSession, type SessionDeadline } from "./sessions.ts";
import type { Turn } from "./turn.ts";

/** How long a name that nobody uses keeps its storage. Long, because making it anew costs more rows than keeping it. */
const IDLE_WIPE_MS = 86_400_000;

export interface Timed {
  readonly ports: Pick<Ports, "clock" | "store">;
  readonly turn: Pick<Turn, "due" | "isDirty">;
  readonly machine: Machine;
  readonly sessions: ReadonlyMap<string, HostSession>;
}

/** Who is due when: sessions that fall silent, claims that time out, a name that nobody uses. One alarm serves all. */
export class Deadlines {
  readonly #timed: Timed;
  /** No session ends before this moment; when it comes, all are looked at. */
  #sessionsDueMs = Number.POSITIVE_INFINITY;

  constructor(timed: Timed) {
    this.#timed = timed;
  }

  /** True if a claim may have to end by now. */
  isMachineDue(nowMs: number): boolean {
    return nowMs >= (this.#timed.machine.nextDeadlineMs ?? Number.POSITIVE_INFINITY);
  }

  /** The sessions whose time is up by now; of the others it is noted when the first of them is due. */
  silentSessions(nowMs: number): HostSession[] {
    if (nowMs < this.#sessionsDueMs) return [];
    this.#sessionsDueMs = Number.POSITIVE_INFINITY;
    const silent: HostSession[] = [];
    for (const session of this.#timed.sessions.values()) {
      const { atMs } = this.#of(session);
      if (atMs <= nowMs) silent.push(session);
      else this.#sessionsDueMs = Math.min(this.#sessionsDueMs, atMs);
    }
    return silent;
  }

  /** Sees to it that the session, and whatever was just asked, ends in time. */
  watch(session: HostSession): void {
    const { atMs, isPressing } = this.#of(session);
    this.#sessionsDueMs = Math.min(this.#sessionsDueMs, atMs);
    if (isPressing) this.#timed.turn.due(atMs);
    const { nextDeadlineMs } = this.#timed.machine;
    if (nextDeadlineMs !== null) this.#timed.turn.due(nextDeadlineMs);
  }

  /** Sees to it that everything ends in time. */
  watchAll(): void {
    const { machine, sessions, ports, turn } = this.#timed;
    let nextMs = machine.nextDeadlineMs ?? Number.POSITIVE_INFINITY;
    for (const session of sessions.values()) {
      const { atMs, isPressing } = this.#of(session);
      this.#sessionsDueMs = Math.min(this.#sessionsDueMs, atMs);
      if (isPressing) nextMs = Math.min(nextMs, atMs);
    }
    if (this.#isIdle && ports.store.isUsed) {
      nextMs = Math.min(nextMs, this.#idleUntilMs(ports.clock.nowMs()));
    }
    if (nextMs !== Number.POSITIVE_INFINITY) turn.due(nextMs);
  }

  /** A session has just been forgotten: it may have been the last that used the name. */
  forgotten(nowMs: number): void {
    const { ports, turn } = this.#timed;
    const leavesTrace = ports.store.isUsed || turn.isDirty;
    if (leavesTrace && this.#isIdle) turn.due(nowMs + IDLE_WIPE_MS);
  }

  /** True if nobody has used the name for so long that its storage can go. */
  isWipeDue(nowMs: number): boolean {
    return this.#isIdle && nowMs >= this.#idleUntilMs(0);
  }

  #of(session: HostSession): SessionDeadline {
    return sessionDeadline(session, this.#timed.machine.involves(session.core));
  }

  /** When a name that nobody uses loses its storage; `neverMs`: when it was last used, where the disk does not say. */
  #idleUntilMs(neverMs: number): number {
    const { lastEndedAtMs, answersUntilMs } = this.#timed.ports.store;
    const usedAtMs = lastEndedAtMs || (answersUntilMs === 0 ? neverMs : 0);
    return Math.max(usedAtMs + IDLE_WIPE_MS, answersUntilMs);
  }

  get #isIdle(): boolean {
    return this.#timed.sessions.size === 0 && this.#timed.machine.disposable;
  }
}
