import {
  CLOSE,
  decodeRequests,
  PROTOCOL_VERSIONS,
  LIMITS,
  type Fault,
  type Hello,
  type Reply,
  type Request,
  type ServerMessage,
  type Statistics,
} from "../../sdk/protocol.ts";
import type { Command, Effect, Inspection, Machine, Recovered } from "../core/machine.ts";
import { Asked, type OneShot, type OneShotAnswer } from "./asked.ts";
import { Deadlines } from "./deadlines.ts";
import { OneShots } from "./one_shots.ts";
import { recover } from "./recovery.ts";
import { idsGrow, TOO_MANY_SESSIONS, WRONG_SECRET } from "./refusals.ts";
import type { Ports, Socket, Stored } from "./ports.ts";
import {
  answered,
  connect,
  hear,
  isToBeDone,
  newSession,
  reconnectAfterWake,
  type Connected,
  type HostSession,
} from "./sessions.ts";
import { Turn } from "./turn.ts";

/** How many waiters a report lists. */
const REPORTED_WAITERS_MAX = 1_000;

/** Feeds a machine with what sockets, alarm and clock bring, and carries out what it decides. */
export class Host {
  readonly #ports: Ports;
  readonly #turn: Turn;
  readonly #machine: Machine;
  readonly #oneShots: OneShots;
  /** Calls that the machine's current step has answered. */
  readonly #answeredCalls: { session: HostSession; reply: Reply }[] = [];
  readonly #sessions = new Map<string, HostSession>();
  readonly #bySocket = new WeakMap<Socket, HostSession>();
  readonly #deadlines: Deadlines;

  /** Picks up where disk and sockets say the last instance stopped. */
  constructor(ports: Ports, createMachine: (recovered: Recovered) => Machine) {
    this.#ports = ports;
    this.#turn = new Turn(ports);
    const stored = ports.store.load();
    this.#machine = createMachine(recover(stored, this.#sessions));
    this.#oneShots = new OneShots({
      machine: this.#machine,
      turn: this.#turn,
      sessions: this.#sessions,
      now: () => this.#now(),
      noRoom: () => this.#noRoom(),
      apply: (command, nowMs) => void this.#apply(command, nowMs),
      watch: (session) => this.#deadlines.watch(session),
      forget: (session, nowMs) => this.#forget(session, nowMs),
    });
    this.#deadlines = new Deadlines({
      ports,
      turn: this.#turn,
      machine: this.#machine,
      sessions: this.#sessions,
    });
    this.#reconnect();
    this.#detachOrphans(stored, ports.clock.nowMs());
    this.#deadlines.watchAll();
  }

  /** A client opens or resumes its session on a socket that has just been accepted. */
  open(socket: Socket, hello: Hello, secretHash: string): void {
    const nowMs = this.#now();
    const known = this.#sessions.get(hello.session);
    if (known === undefined && hello.resume) {
      this.#dismiss(socket, { notice: "session-ended", reason: "expired" }, CLOSE.sessionEnded);
      return;
    }
    const fault = this.#refusal(known, secretHash);
    if (fault !== null) {
      this.refuse(socket, fault);
      return;
    }
    const session = known ?? newSession(hello, secretHash);
    if (!this.#supersede(session, socket, hello.attempt)) return;
    this.#sessions.set(hello.session, session);
    const attachment = { session: hello.session, attempt: hello.attempt, heardAtMs: nowMs };
    socket.attach(attachment);
    connect(session, socket, attachment);
    this.#bySocket.set(socket, session);
    this.#turn.putSession(session);
    this.#turn.say(socket, {
      notice: "welcome",
      version: PROTOCOL_VERSIONS[0],
      resumed: known !== undefined,
      held: this.#machine.heldTokens(session.core),
    });
    this.#deadlines.watch(session);
  }

  /** Tells a socket why it is not served, and closes it. Nobody else notices. */
  refuse(socket: Socket, error: Fault): void {
    socket.attach(null);
    this.#dismiss(socket, { notice: "refused", error }, CLOSE.refused);
  }

  /** A frame has come. */
  receive(socket: Socket, text: string): void {
    this.#turn.frame(() => this.#hear(socket, text));
  }

  #hear(socket: Socket, text: string): void {
    const nowMs = this.#now();
    const session = this.#bySocket.get(socket);
    const link = session?.link;
    if (session === undefined || link?.state !== "connected" || link.socket !== socket) return;
    hear(session, link, nowMs);
    const decoded = decodeRequests(text);
    if ("fault" in decoded) {
      this.refuse(socket, decoded.fault);
      this.#detach(session, nowMs);
      return;
    }
    for (const request of decoded.requests) {
      if (request.id <= link.lastRequestId) {
        this.refuse(socket, idsGrow(request.id, link.lastRequestId));
        this.#detach(session, nowMs);
        return;
      }
      if (!isToBeDone(link, request.id)) continue;
      if ("bad" in request) this.#turn.say(socket, { re: request.id, error: request.bad });
      else if (request.op === "end") return this.#endCleanly(session, link, request);
      else this.#apply({ type: "request", session: session.core, request }, nowMs);
    }
    this.#deadlines.watch(session);
  }

  /** A call of a program that keeps no socket. What it returns says that the caller has hung up. */
  ask(oneShot: OneShot, answer: (answer: OneShotAnswer) => void): () => void {
    const asked = new Asked(oneShot, answer);
    this.#turn.frame(() => this.#oneShots.ask(asked));
    return () => this.#oneShots.hangUp(asked);
  }

  /** A client is gone for good, with everything that could speak for it: what it had is free at once (LE6). */
  left(socket: Socket): void {
    const nowMs = this.#now();
    const session = this.#bySocket.get(socket);
    if (session?.link.state !== "connected" || session.link.socket !== socket) return;
    this.#apply({ type: "end-session", session: session.core }, nowMs);
    this.#forget(session, nowMs);
  }

  /** A socket is gone. Its session has a TTL to come back. */
  dropped(socket: Socket): void {
    const nowMs = this.#now();
    const session = this.#bySocket.get(socket);
    if (session?.link.state === "connected" && session.link.socket === socket) {
      this.#detach(session, nowMs);
    }
  }

  /** The alarm: lets go what is due, then arms itself for what comes next, if anything does. */
  alarm(): void {
    this.#ports.alarm.fired();
    const nowMs = this.#now();
    this.#turn.forgetDeadline();
    this.#turn.close();
    if (this.#deadlines.isWipeDue(nowMs)) {
      this.#ports.store.wipe();
      return;
    }
    this.#deadlines.watchAll();
    this.#turn.close();
  }

  /** What operators see, as of the last commit (LK4); the fault where the name stands for nothing yet. */
  inspect(): (Statistics & Inspection) | { fault: Fault } {
    this.#now();
    this.#turn.close();
    this.#ports.store.probe();
    const fault = this.#machine.notConfigured;
    if (fault !== null) return { fault };
    const report = this.#machine.inspect({ waitersMax: REPORTED_WAITERS_MAX });
    return { ...this.#machine.statistics(), ...report };
  }

  /** An operator takes the held claim with this token away; false if nobody holds it. */
  revoke(token: number): boolean {
    const effects = this.#apply({ type: "revoke", token }, this.#now());
    this.#turn.close();
    this.#ports.store.probe();
    return effects.length > 0;
  }

  /** Sockets outlive hibernation; each finds its session by its attachment. */
  #reconnect(): void {
    for (const socket of this.#ports.sockets()) {
      const attachment = socket.attachment();
      const session = attachment === null ? undefined : this.#sessions.get(attachment.session);
      // A session that the disk calls detached had lost its socket before: this is an older one.
      const isLate = session?.link.state === "detached" && session.link.expiresAtMs > 0;
      if (attachment === null || session === undefined || isLate) {
        socket.close(CLOSE.sessionEnded, "session ended");
        continue;
      }
      if (!this.#supersede(session, socket, attachment.attempt)) continue;
      reconnectAfterWake(session, socket, attachment);
      this.#bySocket.set(socket, session);
    }
  }

  /**
   * Sessions that were connected when a crash took all sockets: their TTL starts now, and is written down,
   * for if every start of the object began it anew a client that is gone would never end.
   */
  #detachOrphans(stored: Stored, nowMs: number): void {
    for (const { id, expiresAtMs } of stored.sessions) {
      const session = this.#sessions.get(id);
      if (session?.link.state === "detached" && expiresAtMs === null) this.#detach(session, nowMs);
    }
  }

  #refusal(known: HostSession | undefined, secretHash: string): Fault | null {
    if (known === undefined) return this.#noRoom();
    return known.secretHash === secretHash ? null : WRONG_SECRET;
  }

  #noRoom(): Fault | null {
    if (this.#sessions.size < LIMITS.sessionsMax) return null;
    return TOO_MANY_SESSIONS;
  }

  /** Of two sockets of one session the later attempt stays; false if that is not this one. */
  #supersede(session: HostSession, socket: Socket, attempt: number): boolean {
    const { link } = session;
    if (link.state === "detached") return true;
    const loser = attempt > link.attempt ? link.socket : socket;
    // A socket that is being closed may be among the open ones for a long while, and after a hibernation too.
    loser.attach(null);
    this.#turn.hangUp(loser, CLOSE.superseded, "superseded by a later connection of the session");
    return loser !== socket;
  }

  #detach(session: HostSession, nowMs: number): void {
    session.link = { state: "detached", expiresAtMs: nowMs + session.ttlMs };
    this.#turn.putSession(session);
    this.#deadlines.watch(session);
  }

  #endCleanly(session: HostSession, { socket }: Connected, { id }: Request): void {
    const nowMs = this.#ports.clock.nowMs();
    this.#apply({ type: "end-session", session: session.core }, nowMs);
    this.#forget(session, nowMs);
    this.#turn.say(socket, { re: id, ok: {} });
    this.#turn.hangUp(socket, CLOSE.ended, "session ended");
  }

  /** The session is over: what its socket still says, or that it closes, is of no concern. */
  #forget(session: HostSession, nowMs: number): void {
    this.#sessions.delete(session.core.id);
    session.link = { state: "detached", expiresAtMs: nowMs };
    this.#turn.dropSession(session);
    this.#deadlines.forgotten(nowMs);
  }

  /** A step that breaks off half-way leaves memory in a state that the disk must never see. */
  #apply(command: Command, nowMs: number): Effect[] {
    try {
      if (command.type === "request") {
        this.#turn.makeRoomFor(command.session.id, command.request.id);
      }
      const effects = this.#machine.apply(command, nowMs);
      this.#carryOut(effects);
      for (const { session, reply } of this.#answeredCalls.splice(0)) {
        this.#oneShots.settle(session, reply.re, reply, nowMs);
      }
      return effects;
    } catch (error) {
      this.#turn.abort(`a step failed: ${String(error)}`);
      throw error;
    }
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case "reply":
          this.#tell(effect.session.id, effect.reply);
          break;
        case "revoked": {
          const { session, token } = effect;
          this.#tell(session.id, { notice: "lost", token, reason: "revoked" });
          break;
        }
        case "returned":
          this.#tell(effect.session.id, { notice: "returned", token: effect.token });
          break;
        case "put-session": {
          const session = this.#sessions.get(effect.session.id);
          if (session !== undefined) this.#turn.putSession(session);
          break;
        }
        case "put-claim":
        case "drop-claim":
        case "put-state":
        case "put-item":
        case "drop-item":
          this.#turn.put(effect);
      }
    }
  }

  /** What is said to a session without a socket is not kept: its claims are, and it will ask again. */
  #tell(sessionId: string, message: ServerMessage): void {
    const session = this.#sessions.get(sessionId);
    if (session !== undefined && "re" in message && session.calls.has(message.re)) {
      this.#answeredCalls.push({ session, reply: message });
      return;
    }
    if (session?.link.state !== "connected") return;
    if ("re" in message) answered(session, message.re);
    this.#turn.say(session.link.socket, message);
  }

  #dismiss(socket: Socket, message: ServerMessage, code: number): void {
    this.#turn.say(socket, message);
    this.#turn.hangUp(socket, code, "see the last message");
  }

  /** The time of this event, once everything that was due by then has happened. */
  #now(): number {
    const nowMs = this.#ports.clock.nowMs();
    const silent = this.#deadlines.silentSessions(nowMs);
    if (silent.length > 0 || this.#deadlines.isMachineDue(nowMs)) {
      this.#apply({ type: "expire", sessions: silent.map(({ core }) => core) }, nowMs);
    }
    for (const session of silent) {
      const { link } = session;
      this.#forget(session, nowMs);
      if (link.state === "detached") continue;
      const notice = { notice: "session-ended", reason: "expired" } as const;
      this.#dismiss(link.socket, notice, CLOSE.sessionEnded);
    }
    return nowMs;
  }
}
