import { Applied } from "../core/applied.ts";
import type { Claim } from "../core/claim.ts";
import type { Item, Recovered } from "../core/machine.ts";
import type { Stored } from "./ports.ts";
import type { HostSession } from "./sessions.ts";

/** Makes sessions of what the disk says, and puts with them what is theirs. */
export function recover(stored: Stored, sessions: Map<string, HostSession>): Recovered {
  for (const { id, client, applied, secretHash, ttlMs, expiresAtMs } of stored.sessions) {
    sessions.set(id, {
      core: { id, client, applied: new Applied(applied) },
      secretHash,
      ttlMs,
      link: { state: "detached", expiresAtMs: expiresAtMs ?? 0 },
      isStored: true,
      calls: new Map(),
      begunBy: null,
      lastCallId: applied.through,
    });
  }
  const claims: Claim[] = [];
  for (const claim of stored.claims) {
    const session = sessions.get(claim.session);
    // One transaction ends a session and its claims, so none is without the other; were it so, it has ended.
    if (session === undefined) continue;
    session.lastCallId = Math.max(session.lastCallId, claim.requestId);
    claims.push({ ...claim, session: session.core });
  }
  const items = stored.items.map((item): Item => {
    const session = sessions.get(item.delivery?.session ?? "");
    if (item.delivery === null || session === undefined) return { ...item, delivery: null };
    return { ...item, delivery: { ...item.delivery, session: session.core } };
  });
  return { claims, items, lastToken: stored.lastToken, state: stored.state };
}
