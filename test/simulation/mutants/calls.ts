import type { Mutant } from "./mutant.ts";

const ONE_SHOTS = "objects/host/one_shots.ts";
const SESSIONS = "objects/host/sessions.ts";
const RESPONSE = "objects/host/call_response.ts";
const TURN = "objects/host/turn.ts";

/** How many call at once. */
const callers = 5;
/** Where the connections of calls break, and objects die while they wait. */
const LOST = ["lost call", "lost answer", "unreachable", "crash", "deploy"] as const;

/** Calls without a socket: their answers, hanging up, and how long what they were granted lives. */
export const CALLS: readonly Mutant[] = [
  {
    name: "a call is not remembered by its key",
    rules: ["LE5"],
    file: ONE_SHOTS,
    find: "if (isDecided) this.#remember(asked, { reply, lease }, nowMs);",
    replace: "void isDecided;",
    callers,
  },
  {
    name: "what a call was answered is written after what it did",
    rules: ["LE5"],
    file: TURN,
    find: `        state: this.#state,
        answers: this.#answers,
      });`,
    replace: `        state: this.#state,
        answers: new Map(),
      });
      const none = { sessions: new Map(), claims: new Map(), items: new Map(), state: null };
      if (this.#answers.size > 0) store.commit({ nowMs, ...none, answers: this.#answers });`,
    callers,
    faults: [...LOST, "failed commit"],
    often: 4,
  },
  {
    name: "a repeat is told what was granted, and not the lease",
    rules: ["LE5"],
    file: ONE_SHOTS,
    find: "turn.afterwards(() => asked.answer({ ...known, replayed: true, waited: false }));",
    replace:
      "turn.afterwards(() => asked.answer({ ...known, lease: null, replayed: true, waited: false }));",
    callers,
  },
  {
    name: "a repeat of a call with a lease that still waits stands in line behind it",
    rules: ["LE5", "W1"],
    file: ONE_SHOTS,
    find: "if (session !== undefined && this.#takeOver(asked, session)) return;",
    replace: "",
    callers,
    kinds: ["stream"],
  },
  {
    name: "a repeat of what begins a session makes another claim",
    rules: ["LE5"],
    file: ONE_SHOTS,
    find: "this.#request(asked, session, { id: FIRST_ID, nowMs, held: {} });",
    replace: "this.#request(asked, session, { id: this.#nextId(session), nowMs, held: {} });",
    callers,
    faults: LOST,
    often: 4,
  },
  {
    name: "hanging up is not heard",
    rules: ["W3"],
    file: "objects/host/host.ts",
    find: "return () => this.#oneShots.hangUp(asked);",
    replace: "return () => {};",
    callers,
  },
  {
    name: "whoever hangs up keeps what it was granted and did not hear of",
    rules: ["W3"],
    file: ONE_SHOTS,
    find: "const mayBeUnheard = key === null && (begins(asked) || asked.waited);",
    replace: 'const mayBeUnheard = key === "" && !asked.waited;',
    callers,
    faults: LOST,
    often: 4,
  },
  {
    name: "whoever hangs up loses what it can ask for again",
    rules: ["LE1", "LE5"],
    file: ONE_SHOTS,
    find: "const mayBeUnheard = key === null && (begins(asked) || asked.waited);",
    replace: 'const mayBeUnheard = key !== "" && (begins(asked) || asked.waited);',
    callers,
    faults: LOST,
    often: 4,
  },
  {
    name: "whoever hangs up while it waits with a lease loses the lease",
    rules: ["CO5", "LE1"],
    file: ONE_SHOTS,
    find: "if (begins(asked)) return this.#end(session, nowMs);",
    replace: "if (begins(asked) || waits) return this.#end(session, nowMs);",
    callers,
    kinds: ["condition"],
  },
  {
    name: "whoever hangs up while it waits with a lease has it for what was left of its time",
    rules: ["LE1"],
    file: ONE_SHOTS,
    find: "    if (waits) this.#keep(session, nowMs);\n",
    replace: "",
    callers,
    kinds: ["condition"],
  },
  {
    name: "whoever hangs up leaves the line, and its session stays",
    rules: ["W3"],
    file: ONE_SHOTS,
    find: `      this.#engine.apply({ type: "end-session", session: session.core }, nowMs);
    }
    this.#engine.forget(session, nowMs);`,
    replace: `      this.#engine.apply({ type: "end-session", session: session.core }, nowMs);
    }`,
    callers,
  },
  {
    name: "whoever hangs up leaves what it waited for in line",
    rules: ["LE1", "W3"],
    file: ONE_SHOTS,
    find: "if (this.#engine.machine.involves(session.core)) {",
    replace: "if (this.#engine.machine.holds(session.core)) {",
    callers,
  },
  {
    name: "a lease lives for less than it was told",
    rules: ["LE1"],
    file: ONE_SHOTS,
    find: `session.link = { state: "detached", expiresAtMs };`,
    replace: `session.link = { state: "detached", expiresAtMs: nowMs + session.ttlMs * 0.8 };`,
    callers,
  },
  {
    name: "a call does not prolong its lease",
    rules: ["LE1"],
    file: ONE_SHOTS,
    find: `session.link = { state: "detached", expiresAtMs };`,
    replace: `const { link } = session;
    const isNew = link.state !== "detached" || link.expiresAtMs === 0;
    if (isNew) session.link = { state: "detached", expiresAtMs };`,
    callers,
  },
  {
    name: "a lease that is renewed for longer lives for as long as before",
    rules: ["LE1"],
    file: ONE_SHOTS,
    find: "session.ttlMs = asked.oneShot.ttlMs ?? session.ttlMs;",
    replace: "",
    also: {
      file: ONE_SHOTS,
      find: "return { token, ttlMs: session.ttlMs, expiresAtMs };",
      replace: "return { token, ttlMs: 2 * session.ttlMs, expiresAtMs };",
    },
    callers,
  },
  {
    name: "that a lease was prolonged is not written",
    rules: ["LE1"],
    file: ONE_SHOTS,
    find: `    turn.putSession(session);
    this.#engine.watch(session);
    const [token = null]`,
    replace: `    if (!session.isStored) turn.putSession(session);
    this.#engine.watch(session);
    const [token = null]`,
    callers,
  },
  {
    name: "nothing wakes for a lease that runs out",
    rules: ["W5"],
    file: ONE_SHOTS,
    find: `    turn.putSession(session);
    this.#engine.watch(session);
    const [token = null]`,
    replace: `    turn.putSession(session);
    const [token = null]`,
    callers,
  },
  {
    name: "a session ends while its call waits",
    rules: ["LE1", "W1"],
    file: SESSIONS,
    find: "if (calls.size > 0) return { atMs: Number.POSITIVE_INFINITY, isPressing: false };",
    replace: "",
    callers,
  },
  {
    name: "the disk does not say that somebody waits for an answer",
    rules: ["LE1", "W1"],
    file: SESSIONS,
    find: `return link.state === "detached" && calls.size === 0 ? link.expiresAtMs : null;`,
    replace: `void calls;\n  return link.state === "detached" ? link.expiresAtMs : null;`,
    callers,
    faults: LOST,
    often: 4,
  },
  {
    name: "a call that waits has no session on the disk",
    rules: ["LE1"],
    file: ONE_SHOTS,
    find: "    asked.waited = true;\n    this.#engine.turn.putSession(session);\n",
    replace: "    asked.waited = true;\n",
    callers,
  },
  {
    name: "a call that was granted nothing leaves its session",
    rules: ["LE1"],
    file: ONE_SHOTS,
    find: "if (!holds && session.calls.size === 0) this.#end(session, nowMs);",
    replace: "if (!holds && session.calls.size === 0 && !asked.waited) this.#end(session, nowMs);",
    callers,
  },
  {
    name: "items that count as confirmed with the answer are not",
    rules: ["ST2"],
    file: ONE_SHOTS,
    find: `if (asked.oneShot.confirms && "ok" in reply`,
    replace: `if (asked.oneShot.confirms && asked.waited && "ok" in reply`,
    callers,
    kinds: ["stream"],
  },
  {
    name: "a call with a key is given more than is kept",
    rules: ["LE5"],
    file: ONE_SHOTS,
    find: `asked.key !== null && body.op === "receive" ? { max: 1 } : {};`,
    replace: `asked.key === null && body.op === "receive" ? { max: 1 } : {};`,
    callers,
    kinds: ["stream"],
  },
  {
    name: "a call is answered before what it was granted is written",
    rules: ["LE4", "LE5"],
    file: ONE_SHOTS,
    find: "this.#engine.turn.afterwards(() => asked.answer({ reply, lease, replayed: false, waited }));",
    replace:
      "this.#engine.turn.afterwards(() => {});\n    asked.answer({ reply, lease, replayed: false, waited });",
    callers,
    faults: ["crash", "failed commit", "inspect"],
    often: 6,
  },
  {
    name: "any secret is a lease's",
    rules: ["LE3"],
    file: ONE_SHOTS,
    find: "if (session !== undefined && session.secretHash !== oneShot.secretHash) {",
    replace: `if (session !== undefined && oneShot.secretHash === "") {`,
    callers,
  },
  {
    name: "after a restart a call has the number of an earlier one",
    rules: ["LE5"],
    file: "objects/host/recovery.ts",
    find: "    session.lastCallId = Math.max(session.lastCallId, claim.requestId);\n",
    replace: "",
    callers,
    kinds: ["condition", "stream"],
  },
  {
    name: "nobody looks whether a caller that stood in line is still there",
    rules: ["W3"],
    file: RESPONSE,
    find: "const isToBeHeard = answer.waited && answer.lease !== null;",
    replace: "const isToBeHeard = false;",
    callers,
  },
  {
    name: "who does not take the second part of an answer is not missed",
    rules: ["W3"],
    file: RESPONSE,
    find: "    cancel: unheard,\n",
    replace: "    cancel: () => void unheard,\n",
    callers,
  },
  {
    name: "who has read its answer, and then hangs up, gives back what it was granted",
    rules: ["LE1"],
    file: RESPONSE,
    find: `const heard = (): void => signal.removeEventListener("abort", hangUp);`,
    replace: "const heard = (): void => {};",
    callers,
  },
];
