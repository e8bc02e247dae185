import type { Mutant } from "./mutant.ts";

const MACHINE = "objects/core/primitive_machine.ts";
const APPLIED = "objects/core/applied.ts";
const TURN = "objects/host/turn.ts";

/** What must be known again after a crash: tokens, marks, everything that was answered. */
export const MEMORY: readonly Mutant[] = [
  {
    name: "a deposit that is asked again counts again",
    rules: ["LE5", "SE1"],
    file: MACHINE,
    find: "if (!isLive && isDone(session, request)) return [replyOk(session, request.id)];",
    replace: "void isLive;",
    kinds: ["semaphore"],
  },
  {
    name: "an item that is sent again is there again",
    rules: ["LE5", "ST2"],
    file: MACHINE,
    find: "if (!isLive && isDone(session, request)) return [replyOk(session, request.id)];",
    replace: "void isLive;",
    kinds: ["stream"],
  },
  {
    name: "marks are not written",
    rules: ["LE5"],
    file: "objects/host/host.ts",
    find: "if (session !== undefined) this.#turn.putSession(session);",
    replace: "void session;",
    kinds: ["semaphore", "stream"],
  },
  {
    name: "refusals are forgotten",
    rules: ["LE5", "ST8"],
    file: APPLIED,
    find: "return id <= this.#through && !this.#refused.has(id);",
    replace: "return id <= this.#through;",
    kinds: ["stream"],
  },
  {
    name: "refusals are not written",
    rules: ["LE5", "ST8"],
    file: APPLIED,
    find: "refused: [...this.#gaps, ...this.#refused] };",
    replace: "refused: [...this.#gaps] };",
    kinds: ["stream"],
  },
  {
    name: "tokens fall when the clock does",
    rules: ["LE2"],
    file: "objects/core/tokens.ts",
    find: "this.#last = Math.max(this.#last + 1, Math.floor(nowMs) * 1_000);",
    replace: "this.#last = Math.floor(nowMs) * 1_000 + (this.#last % 1_000) + 1;",
  },
  {
    name: "an object that starts has forgotten its last token",
    rules: ["LE2"],
    file: "objects/core/claims.ts",
    find: "this.#tokens = new Tokens(recovered.lastToken);",
    replace: "this.#tokens = new Tokens(0);",
  },
  {
    name: "tokens begin anew when a name's storage was wiped",
    rules: ["LE2"],
    file: "objects/core/tokens.ts",
    find: "this.#last = Math.max(this.#last + 1, Math.floor(nowMs) * 1_000);",
    replace: "this.#last += nowMs > 0 ? 1 : 0;",
    kinds: ["lock", "condition"],
  },
  {
    name: "it answers before it writes",
    rules: ["LE2", "LE5"],
    file: TURN,
    find: "const messages = this.#messages;",
    replace: `const messages = new Map<Socket, ServerMessage[]>();
    for (const [socket, said] of this.#messages) sendQuietly(socket, encodeMessages(said));`,
  },
  {
    name: "it answers though it could not write",
    rules: ["LE2", "LE5"],
    file: TURN,
    find: `      this.abort(\`a turn could not be written: \${String(error)}\`);
      return;`,
    replace: "void error;",
  },
  {
    name: "an instance that was replaced answers from memory",
    rules: ["LK4", "EV4"],
    file: TURN,
    find: "store.probe();",
    replace: "",
    kinds: ["lock", "semaphore", "limiter", "condition"],
  },
  {
    name: "the answers of a turn go out in the wrong order",
    rules: ["LE1"],
    file: TURN,
    find: "sendQuietly(socket, encodeMessages(said));",
    replace: "sendQuietly(socket, encodeMessages(said.toReversed()));",
    kinds: ["lock", "semaphore", "limiter", "condition"],
  },
  {
    name: "only the first answer of a turn goes out",
    rules: ["W5"],
    file: TURN,
    find: "sendQuietly(socket, encodeMessages(said));",
    replace: "sendQuietly(socket, encodeMessages(said.slice(0, 1)));",
  },
];
