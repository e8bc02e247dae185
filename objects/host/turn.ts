import { encodeMessages, type ServerMessage } from "../../sdk/protocol.ts";
import type { Claim } from "../core/claim.ts";
import type { Effect, Item } from "../core/machine.ts";
import { claimKey, type ClaimChange, type Ports, type Socket, type StoredAnswer } from "./ports.ts";
import { storedSession, type HostSession } from "./sessions.ts";

/** How many rounds of the event loop one turn may take. */
const ROUNDS_MAX = 32;
/** After so many turns with one frame each the next is not waited for. */
const LONELY_TURNS = 16;
/** One turn in so many looks whether that is still so. */
const LOOK_EVERY = 32;

export type DiskEffect = Extract<
  Effect,
  { type: "put-claim" | "drop-claim" | "put-state" | "put-item" | "drop-item" }
>;

interface HangUp {
  readonly code: number;
  readonly reason: string;
}

/**
 * Group commit. What the messages that came together changed is written in one transaction, and only then are they
 * answered, one frame for each socket. If the write fails nothing is answered and the instance is thrown away.
 */
export class Turn {
  readonly #ports: Ports;
  #sessions = new Map<string, HostSession | null>();
  #claims = new Map<string, ClaimChange>();
  #items = new Map<number, Item | null>();
  #state: { value: unknown } | null = null;
  #answers = new Map<string, StoredAnswer>();
  #messages = new Map<Socket, ServerMessage[]>();
  #hangUps = new Map<Socket, HangUp>();
  #afterwards: (() => void)[] = [];
  #deadlineMs = Number.POSITIVE_INFINITY;
  #scheduled = false;
  /** Counts turns, so that one that was closed early is not closed again on behalf of the next. */
  #number = 0;
  #framesHeard = 0;
  #framesBefore = 0;
  /** How many turns in a row had one frame. */
  #lonelyTurns = 0;
  /** The turn ends with the frame that is being dealt with. */
  #endsWithFrame = false;
  #aborted = false;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  putSession(session: HostSession): void {
    this.#sessions.set(session.core.id, session);
    this.#open();
  }

  /** One that was never written leaves no trace. */
  dropSession(session: HostSession): void {
    if (session.isStored) this.#sessions.set(session.core.id, null);
    else this.#sessions.delete(session.core.id);
    this.#open();
  }

  putAnswer(key: string, answer: StoredAnswer): void {
    this.#answers.set(key, answer);
    this.#open();
  }

  /** What a call with this key was answered, in this turn or before. */
  answer(key: string): StoredAnswer | null {
    return this.#answers.get(key) ?? this.#ports.store.answer(key);
  }

  /** Runs something when all that was decided so far is written. */
  afterwards(run: () => void): void {
    this.#afterwards.push(run);
    this.#open();
  }

  /**
   * The request is about to be carried out. A repeat may make anew what has ended in this turn: another claim, and the
   * token of the first must be on disk too (LE2). Only before the step can the turn end, since no step is written by
   * halves.
   */
  makeRoomFor(sessionId: string, requestId: number): void {
    if (this.#claims.get(claimKey(sessionId, requestId))?.ended === true) this.close();
  }

  /** What a machine wants to be on disk. */
  put(effect: DiskEffect): void {
    switch (effect.type) {
      case "put-claim":
        this.#changeClaim(effect.claim, { ended: false });
        break;
      case "drop-claim":
        this.#changeClaim(effect.claim, { ended: true });
        break;
      case "put-state":
        this.#state = { value: effect.state };
        break;
      case "put-item":
        this.#items.set(effect.item.seq, effect.item);
        break;
      case "drop-item":
        this.#items.set(effect.seq, null);
    }
    this.#open();
  }

  say(socket: Socket, message: ServerMessage): void {
    const messages = this.#messages.get(socket);
    if (messages === undefined) this.#messages.set(socket, [message]);
    else messages.push(message);
    this.#open();
  }

  /** Closes the socket when all that is said to it has been sent. */
  hangUp(socket: Socket, code: number, reason: string): void {
    this.#hangUps.set(socket, { code, reason });
    this.#open();
  }

  /** Deals with a frame that has come in. Where frames come one by one it is answered at once. */
  frame(deal: () => void): void {
    this.#framesHeard += 1;
    const isAlone = this.#lonelyTurns >= LONELY_TURNS && this.#lonelyTurns % LOOK_EVERY > 0;
    this.#endsWithFrame = isAlone;
    try {
      deal();
    } finally {
      this.#endsWithFrame = false;
    }
    if (isAlone) this.close();
  }

  /** Something is due at `atMs`: an alarm must be armed no later. */
  due(atMs: number): void {
    if (atMs >= this.#deadlineMs || atMs >= (this.#ports.alarm.armedAtMs ?? Infinity)) return;
    this.#deadlineMs = atMs;
    this.#open();
  }

  /** The alarm has gone off: whoever knows what is due still will say so. */
  forgetDeadline(): void {
    this.#deadlineMs = Number.POSITIVE_INFINITY;
  }

  /** Writes, then answers. Called when no more comes in, or earlier by whoever needs the disk to be true. */
  close(): void {
    if (this.#aborted || !this.#scheduled) return;
    this.#scheduled = false;
    this.#number += 1;
    this.#countFrames();
    const messages = this.#messages;
    const hangUps = this.#hangUps;
    const afterwards = this.#afterwards;
    try {
      this.#write();
    } catch (error) {
      this.abort(`a turn could not be written: ${String(error)}`);
      return;
    }
    this.#messages = new Map();
    this.#hangUps = new Map();
    this.#afterwards = [];
    for (const [socket, said] of messages) sendQuietly(socket, encodeMessages(said));
    for (const [socket, { code, reason }] of hangUps) closeQuietly(socket, code, reason);
    for (const run of afterwards) run();
  }

  abort(reason: string): void {
    this.#aborted = true;
    this.#ports.abort(reason);
  }

  #changeClaim(claim: Claim, { ended }: { ended: boolean }): void {
    this.#claims.set(claimKey(claim.session.id, claim.requestId), { claim, ended });
  }

  #write(): void {
    const { store, alarm, clock } = this.#ports;
    if (this.isDirty) {
      const sessions = new Map(
        Array.from(this.#sessions, ([id, session]) => [id, session && storedSession(session)]),
      );
      const nowMs = clock.nowMs();
      store.commit({
        nowMs,
        sessions,
        claims: this.#claims,
        items: this.#items,
        state: this.#state,
        answers: this.#answers,
      });
      for (const session of this.#sessions.values()) if (session !== null) session.isStored = true;
      this.#sessions = new Map();
      this.#answers = new Map();
      this.#claims = new Map();
      this.#items = new Map();
      this.#state = null;
    } else if (this.#messages.size + this.#afterwards.length > 0) {
      store.probe();
    }
    if (this.#deadlineMs < (alarm.armedAtMs ?? Infinity)) alarm.arm(this.#deadlineMs);
    this.#deadlineMs = Number.POSITIVE_INFINITY;
  }

  /** True if something is to be written. */
  get isDirty(): boolean {
    const changed = this.#sessions.size + this.#claims.size + this.#items.size + this.#answers.size;
    return changed > 0 || this.#state !== null;
  }

  #open(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (!this.#endsWithFrame) this.#gather(ROUNDS_MAX);
  }

  /** A turn takes in what comes with it: it stays open for as long as every round brings a frame, up to a limit. */
  #gather(rounds: number): void {
    const heard = this.#framesHeard;
    const turn = this.#number;
    this.#ports.soon(() => {
      if (turn !== this.#number) return;
      if (this.#framesHeard > heard && rounds > 1) this.#gather(rounds - 1);
      else this.close();
    });
  }

  #countFrames(): void {
    const frames = this.#framesHeard - this.#framesBefore;
    this.#framesBefore = this.#framesHeard;
    this.#lonelyTurns = frames > 1 ? 0 : this.#lonelyTurns + frames;
  }
}

/** A socket that has just died takes its answer with it: the client resumes and asks again. */
function sendQuietly(socket: Socket, text: string): void {
  try {
    socket.send(text);
  } catch {
    // Nothing was lost that the disk does not know.
  }
}

function closeQuietly(socket: Socket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    // It was closed already.
  }
}
