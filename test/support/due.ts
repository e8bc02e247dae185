import type { HostWorld } from "./host_world.ts";

/** When something on disk is due, as far as the disk and the sockets tell. */
export function earliestDueMs(
  { store, nowMs }: HostWorld,
  heardAtMs: (session: string) => number,
): number {
  const claims = [...store.claims.values()];
  const timeouts = claims.map((claim) => (claim.state === "waiting" ? claim.deadlineMs : null));
  const ends = Array.from(store.sessions.values(), ({ id, ttlMs, expiresAtMs }) => {
    if (expiresAtMs !== null) return expiresAtMs;
    const isInvolved = claims.some(({ session }) => session === id);
    // A hibernation makes a session seem heard a little later than it was.
    return isInvolved ? Math.max(heardAtMs(id), nowMs - ttlMs) + ttlMs + 250 : null;
  });
  return Math.min(...[...timeouts, ...ends].map((atMs) => atMs ?? Infinity));
}
