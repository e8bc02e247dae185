import type { Fault } from "../../sdk/protocol.ts";
import type { Session } from "./claim.ts";
import { replyError, replyOk, type ClientRequest, type Effect } from "./machine.ts";

/** Operations that change something for good and leave no claim by which a repeat would be known. */
const OPERATIONS: ReadonlySet<ClientRequest["op"]> = new Set([
  "deposit",
  "set",
  "clear",
  "notify",
  "return",
  "set-total",
  "send",
  "reset",
] as const);

/** Of these only what changed something is answered `{}`: one that changed nothing was refused. */
const NEVER_IDLE: ReadonlySet<ClientRequest["op"]> = new Set([
  "deposit",
  "return",
  "send",
  "reset",
] as const);

export function leavesNoClaim({ op }: ClientRequest): boolean {
  return OPERATIONS.has(op);
}

/** True if a repeat is to be answered `{}`, without effect (LE5). */
export function isDone({ applied }: Session, { id, op }: ClientRequest): boolean {
  return applied.has(id) && !(NEVER_IDLE.has(op) && applied.leftOut(id));
}

/** The effects of such a request, and the mark by which a repeat of it is known (LE5). */
export function marked(session: Session, { id }: ClientRequest, effects: Effect[]): Effect[] {
  const answer = effects.find((effect) => isAnswer(effect, session, id));
  if (answer?.type !== "reply") return effects;
  if ("error" in answer.reply) return [...effects, ...refused(session, id)];
  // What changed nothing may be done again: nobody could tell.
  return effects.every(({ type }) => type === "reply") ? effects : [...effects, took(session, id)];
}

/** Answers a send, and marks it. */
export function settled(session: Session, requestId: number, fault: Fault | null): Effect[] {
  if (fault === null) return [replyOk(session, requestId), took(session, requestId)];
  return [replyError(session, requestId, fault), ...refused(session, requestId)];
}

/** The request was withdrawn before it took effect, and whatever takes effect later must not say otherwise (LE5). */
export function neverTook(session: Session, requestId: number): Effect[] {
  return refused(session, requestId);
}

function took(session: Session, id: number): Effect {
  session.applied.took(id);
  return written(session);
}

/** The session's row, with all that it must remember. */
function written(session: Session): Effect {
  return { type: "put-session", session };
}

/** Written only where the session's row would say otherwise. */
function refused(session: Session, requestId: number): Effect[] {
  const wouldLie = session.applied.has(requestId) && !session.applied.leftOut(requestId);
  session.applied.refused(requestId);
  return wouldLie ? [written(session)] : [];
}

function isAnswer(effect: Effect, { id }: Session, requestId: number): boolean {
  return effect.type === "reply" && effect.session.id === id && effect.reply.re === requestId;
}
