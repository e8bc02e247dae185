import type { Hello } from "../../sdk/protocol.ts";
import { Applied } from "../core/applied.ts";
import type { Session } from "../core/claim.ts";
import type { Asked } from "./asked.ts";
import type { Attachment, Socket, StoredSession } from "./ports.ts";

/** A client's session as the host knows it: who it is, and whether it has a socket now. */
export interface HostSession {
  readonly core: Session;
  readonly secretHash: string;
  ttlMs: number;
  link: Connected | Detached;
  /** False until it has been written. */
  isStored: boolean;
  /** Of a lease that lives by itself: its calls that have no answer yet, by their request ids. */
  readonly calls: Map<number, Asked>;
  /** The call that has begun it, or that call's latest repeat; `null` of a socket's, or of another instance's. */
  begunBy: Asked | null;
  /** The greatest id of a request that such a call has made. */
  lastCallId: number;
}

export interface Connected {
  readonly state: "connected";
  readonly socket: Socket;
  readonly attempt: number;
  heardAtMs: number;
  /** What the socket's attachment says, which is all that a hibernation leaves. */
  attachedHeardAtMs: number;
  /** The greatest request id seen on this socket. */
  lastRequestId: number;
  /**
   * Requests of an earlier socket that were answered on this one before their repeats arrived. A client that has its
   * answer would not know what to do with a second; so such a repeat is not carried out.
   */
  readonly answeredAhead: Set<number>;
}

/** Without a socket: the client has until then to come back. */
export interface Detached {
  readonly state: "detached";
  readonly expiresAtMs: number;
}

/** How long a client that neither holds nor waits may be silent. */
const IDLE_SILENCE_MS = 3_600_000;

/** How far an attachment may lag behind: rewriting it with every message would cost a third of the speed. */
const ATTACHMENT_LAG_MS = 250;

/** What a session is opened with. */
export type Opening = Pick<Hello, "session" | "client" | "ttlMs">;

export function newSession(hello: Opening, secretHash: string): HostSession {
  return {
    core: { id: hello.session, client: hello.client, applied: new Applied() },
    secretHash,
    ttlMs: hello.ttlMs,
    link: { state: "detached", expiresAtMs: 0 },
    isStored: false,
    calls: new Map(),
    begunBy: null,
    lastCallId: 0,
  };
}

export function connect(
  session: HostSession,
  socket: Socket,
  attachment: Attachment,
  heardAtMs = attachment.heardAtMs,
): void {
  session.link = {
    state: "connected",
    socket,
    attempt: attachment.attempt,
    heardAtMs,
    attachedHeardAtMs: attachment.heardAtMs,
    lastRequestId: 0,
    answeredAhead: new Set(),
  };
}

/** A socket that outlived a hibernation may have been heard a little after its attachment says. */
export function reconnectAfterWake(
  session: HostSession,
  socket: Socket,
  attachment: Attachment,
): void {
  const heardAtMs = attachment.heardAtMs + ATTACHMENT_LAG_MS;
  connect(session, socket, attachment, heardAtMs);
}

/** Notes that the client is alive, here and, often enough, where it survives hibernation. */
export function hear(session: HostSession, link: Connected, nowMs: number): void {
  link.heardAtMs = nowMs;
  if (nowMs - link.attachedHeardAtMs < ATTACHMENT_LAG_MS) return;
  link.attachedHeardAtMs = nowMs;
  link.socket.attach({ session: session.core.id, attempt: link.attempt, heardAtMs: nowMs });
}

/** The session is being answered. */
export function answered({ link }: HostSession, requestId: number): void {
  if (link.state === "connected" && requestId > link.lastRequestId)
    link.answeredAhead.add(requestId);
}

/** A request has come; false if it has been answered on this socket before it came. */
export function isToBeDone(link: Connected, requestId: number): boolean {
  link.lastRequestId = requestId;
  const isDone = link.answeredAhead.has(requestId);
  // Ids only grow on a socket: what lies below will not come any more.
  for (const id of link.answeredAhead) if (id <= requestId) link.answeredAhead.delete(id);
  return !isDone;
}

export interface SessionDeadline {
  /** When the session ends if its client stays silent (LE1). */
  readonly atMs: number;
  /**
   * False where nobody is harmed by its silence, since it neither holds nor waits: then no alarm is set for it, and
   * it ends when something else wakes the object. A socket that is open only in name does not keep it for ever.
   */
  readonly isPressing: boolean;
}

export function sessionDeadline(session: HostSession, involved: boolean): SessionDeadline {
  const { link, ttlMs, calls } = session;
  // Who waits for an answer is there.
  if (calls.size > 0) return { atMs: Number.POSITIVE_INFINITY, isPressing: false };
  if (link.state === "detached") return { atMs: link.expiresAtMs, isPressing: true };
  const heardAtMs = Math.max(link.heardAtMs, link.socket.lastPingMs() ?? 0);
  const patienceMs = involved ? ttlMs : Math.max(ttlMs, IDLE_SILENCE_MS);
  return { atMs: heardAtMs + patienceMs, isPressing: involved };
}

/** `null` while somebody is there. */
function expiresAtMs({ link, calls }: HostSession): number | null {
  return link.state === "detached" && calls.size === 0 ? link.expiresAtMs : null;
}

export function storedSession(session: HostSession): StoredSession {
  return {
    id: session.core.id,
    secretHash: session.secretHash,
    client: session.core.client,
    ttlMs: session.ttlMs,
    applied: session.core.applied.record,
    expiresAtMs: expiresAtMs(session),
  };
}
