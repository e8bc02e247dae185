import type { Mutant } from "./mutant.ts";

const MACHINE = "objects/core/primitive_machine.ts";
const LINE = "objects/core/line.ts";
const WITH_LINES = ["lock", "semaphore", "condition", "limiter"] as const;

/** Lines, and what is handed over to those who stand in them. */
export const WAITING: readonly Mutant[] = [
  {
    name: "what a cancelled holder gives back is handed to nobody",
    rules: ["W2", "W3", "LK3"],
    file: MACHINE,
    find: "return [...cancelled, ...this.flow(nowMs), replyOk(session, request.id, answer)];",
    replace: "return [...cancelled, replyOk(session, request.id, answer)];",
  },
  {
    name: "what a session that ends gives back is handed to nobody",
    rules: ["W2", "LE6"],
    file: MACHINE,
    find: 'return [...this.endAll(command.session, "session-ended"), ...this.flow(nowMs)];',
    replace: 'return this.endAll(command.session, "session-ended");',
  },
  {
    name: "what a silent session gives back is handed to nobody",
    rules: ["W2", "W5"],
    file: MACHINE,
    find: "return effects.length === 0 ? effects : [...effects, ...this.flow(nowMs)];",
    replace: "return effects;",
  },
  {
    name: "what is released is handed to nobody",
    rules: ["W2", "LK2"],
    file: MACHINE,
    find: 'const released = [...this.drop(claim, "released"), ...this.flow(nowMs)];',
    replace: 'const released = this.drop(claim, "released");',
  },
  {
    name: "what an operator takes away is handed to nobody",
    rules: ["W2"],
    file: MACHINE,
    find: "return claim === null ? [] : [...this.revoke(claim), ...this.flow(nowMs)];",
    replace: "return claim === null ? [] : this.revoke(claim);",
  },
  {
    name: "the last in line is served first",
    rules: ["W1"],
    file: "objects/core/wait_queue.ts",
    find: "return this.#first === null ? null : this.#first.waiter;",
    replace: "return this.#last === null ? null : this.#last.waiter;",
  },
  {
    name: "who tries barges past those who wait",
    rules: ["W2", "W6"],
    file: LINE,
    find: "return this.#waiting.size === 0 && permits <= this.free;",
    replace: "return permits <= this.free;",
    kinds: ["semaphore"],
  },
  {
    name: "small requests overtake a large one",
    rules: ["W1", "W6"],
    file: LINE,
    find: `      const first = this.#waiting.first();
      if (first === null || first.permits > this.free) return effects;`,
    replace: `      const first = [...this.#waiting].find(({ permits }) => permits <= this.free);
      if (first === undefined) return effects;`,
    kinds: ["semaphore"],
  },
  {
    name: "an object that starts lets the line begin in any order",
    rules: ["W1"],
    file: "objects/core/claims.ts",
    find: "yield* waiting.toSorted((a, b) => a.ticket - b.ticket);",
    replace: "yield* waiting.toSorted((a, b) => b.ticket - a.ticket);",
    kinds: WITH_LINES,
  },
  {
    name: "the server forgets how long one wants to wait",
    rules: ["W4"],
    file: "objects/core/claims.ts",
    find: "deadlineMs: timeoutMs === undefined ? null : nowMs + timeoutMs,",
    replace: "deadlineMs: null,",
  },
  {
    name: "more is granted than there is",
    rules: ["LK1", "SE1"],
    file: "objects/core/line.ts",
    find: "for (const { permits } of claims.held()) this.#heldPermits += permits;",
    replace: "",
    kinds: WITH_LINES,
  },
  {
    name: "an acquire that is asked again is refused",
    rules: ["LE5"],
    file: "objects/core/line_machine.ts",
    find: 'if (known !== null) return known.state === "held" ? [this.line.tell(known)] : [];',
    replace: "if (known !== null) return [replyError(session, id, TIMEOUT)];",
    kinds: WITH_LINES,
  },
  {
    name: "an acquire that is asked again is granted again",
    rules: ["LE5"],
    file: "objects/core/line_machine.ts",
    find: 'if (known !== null) return known.state === "held" ? [this.line.tell(known)] : [];',
    replace: `if (known?.state === "waiting") return [];
    if (known !== null) this.drop(known, "released");`,
    kinds: WITH_LINES,
  },
];
