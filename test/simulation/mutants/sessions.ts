import type { Mutant } from "./mutant.ts";

const HOST = "objects/host/host.ts";
const SESSIONS = "objects/host/sessions.ts";

/** Sessions and the sockets that they outlive. */
export const SESSIONS_MUTANTS: readonly Mutant[] = [
  {
    name: "what is heard does not count, only that somebody connected",
    rules: ["LE1"],
    file: SESSIONS,
    find: "  link.heardAtMs = nowMs;\n",
    replace: "",
  },
  {
    name: "pings do not count",
    rules: ["LE1"],
    file: SESSIONS,
    find: "const heardAtMs = Math.max(link.heardAtMs, link.socket.lastPingMs() ?? 0);",
    replace: "const { heardAtMs } = link;",
  },
  {
    name: "after a hibernation only the attachment counts",
    rules: ["LE1"],
    file: SESSIONS,
    find: "if (nowMs - link.attachedHeardAtMs < ATTACHMENT_LAG_MS) return;",
    replace: "if (nowMs - link.attachedHeardAtMs < 10 * ATTACHMENT_LAG_MS) return;",
  },
  {
    name: "a crash ends whoever was connected",
    rules: ["LE1"],
    file: HOST,
    find: "    this.#detachOrphans(stored, ports.clock.nowMs());\n",
    replace: "",
  },
  {
    name: "every start gives those who are gone their whole TTL again",
    rules: ["LE1"],
    file: HOST,
    find: 'if (session?.link.state === "detached" && expiresAtMs === null) this.#detach(session, nowMs);',
    replace: `if (session?.link.state !== "detached" || expiresAtMs !== null) continue;
      session.link = { state: "detached", expiresAtMs: nowMs + session.ttlMs };`,
  },
  {
    name: "a socket that is gone is not noticed",
    rules: ["LE1"],
    file: HOST,
    find: `    if (session?.link.state === "connected" && session.link.socket === socket) {
      this.#detach(session, nowMs);
    }`,
    replace: "    void [session, nowMs];",
  },
  {
    name: "a session that has ended leaves its claims",
    rules: ["LE1", "W5"],
    file: HOST,
    find: 'this.#apply({ type: "expire", sessions: silent.map(({ core }) => core) }, nowMs);',
    replace: 'this.#apply({ type: "expire", sessions: [] }, nowMs);',
  },
  {
    name: "any secret opens a session",
    rules: ["secret"],
    file: HOST,
    find: "return known.secretHash === secretHash ? null : WRONG_SECRET;",
    replace: "return null;",
  },
  {
    name: "a socket that was superseded is still served",
    rules: ["LE1", "LE5"],
    file: HOST,
    find: 'if (session === undefined || link?.state !== "connected" || link.socket !== socket) return;',
    replace: 'if (session === undefined || link?.state !== "connected") return;',
    faults: ["cut", "slow", "stall", "outage", "half-open"],
    often: 4,
  },
  {
    name: "a connection that comes back loses against the one that is lost",
    rules: ["LE1"],
    file: HOST,
    find: "const loser = attempt > link.attempt ? link.socket : socket;",
    replace: "const loser = attempt < link.attempt ? link.socket : socket;",
  },
  {
    name: "a socket that is being closed is taken for the session's after a hibernation",
    rules: ["LE1"],
    file: HOST,
    find: "    loser.attach(null);\n",
    replace: "",
    also: {
      file: HOST,
      find: 'const isLate = session?.link.state === "detached" && session.link.expiresAtMs > 0;',
      replace: "const isLate = false;",
    },
  },
  {
    name: "anyone may release what another holds",
    rules: ["LE3"],
    file: "objects/core/claims.ts",
    find: "return claim?.session.id === session.id ? claim : null;",
    replace: "return claim ?? null;",
  },
  {
    name: "an owner is not told that its lease was taken away while it was not there",
    rules: ["LE3", "LE4"],
    file: "sdk/connection.ts",
    find: '    this.holdings.loseAll("revoked", held);\n',
    replace: "",
  },
];
