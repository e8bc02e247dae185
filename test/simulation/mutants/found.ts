import type { Mutant } from "./mutant.ts";

/** Bugs that the code once had, and that the simulation found: it must find them again. */
export const FOUND_MUTANTS: readonly Mutant[] = [
  {
    name: "a refusal is forgotten in a crash or a hibernation, and a later send makes it look taken",
    rules: ["LE5", "ST8"],
    file: "objects/core/applied.ts",
    find: "this.#leaveOut(this.#through + 1, id - 1);",
    replace: "this.#leaveOut(1, 0);",
    kinds: ["stream"],
  },
  {
    name: "a ping has the wall clock's time, and the host its own",
    rules: ["LE1"],
    file: "objects/host/steady_clock.ts",
    find: "return this.nowMs() - ageMs;",
    replace: "return wallMs + 0 * ageMs;",
    faults: ["clock back"],
    often: 4,
  },
  {
    name: "an attachment's lag adds up over two hibernations",
    rules: ["LE1"],
    file: "objects/host/sessions.ts",
    find: "attachedHeardAtMs: attachment.heardAtMs,",
    replace: "attachedHeardAtMs: heardAtMs,",
    faults: ["hibernation", "outage", "half-open"],
    often: 4,
  },
  {
    name: "a repeat that comes after its answer is granted once more, to nobody",
    rules: ["LE5", "W5"],
    file: "objects/host/host.ts",
    find: "      if (!isToBeDone(link, request.id)) continue;\n",
    replace: "      isToBeDone(link, request.id);\n",
    also: {
      file: "sdk/connection.ts",
      find: "else if (call === undefined) this.#unawaited(id, reply.ok);",
      replace: "else if (call === undefined) void reply;",
    },
    kinds: ["limiter"],
    faults: ["slow", "cut"],
    often: 6,
  },
  {
    name: "a program that was frozen hands out what it had fetched before",
    rules: ["LE4", "ST3"],
    file: "sdk/stream_end.ts",
    find: "    this.connection.noticeSilence();\n",
    replace: "",
    kinds: ["stream"],
    faults: ["pause"],
    often: 4,
  },
];
