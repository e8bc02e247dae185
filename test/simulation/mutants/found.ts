import type { Mutant } from "./mutant.ts";

/** Bugs that the code once had, and that the simulation found: it must find them again. */
export const FOUND_MUTANTS: readonly Mutant[] = [
  {
    name: "a refusal is forgotten in a crash or a hibernation, and a later send makes it look taken",
    rules: ["LE5", "ST8"],
    file: "objects/core/applied.ts",
    find: "if (leavesOut && (waited || this.#mayHaveForgotten)) this.#leaveOut(this.#through + 1, id - 1);",
    replace: "",
    kinds: ["stream"],
    isRare: true,
  },
  {
    name: "a ping has the wall clock's time, and the host its own",
    rules: ["LE1"],
    file: "objects/host/steady_clock.ts",
    find: "return this.nowMs() - ageMs;",
    replace: "return wallMs + 0 * ageMs;",
    isRare: true,
  },
  {
    name: "an attachment's lag adds up over two hibernations",
    rules: ["LE1"],
    file: "objects/host/sessions.ts",
    find: "attachedHeardAtMs: attachment.heardAtMs,",
    replace: "attachedHeardAtMs: heardAtMs,",
    isRare: true,
  },
  {
    name: "a repeat that comes after its answer is granted once more, to nobody",
    rules: ["LE5", "W5"],
    file: "objects/host/host.ts",
    find: "      if (!isToBeDone(link, request.id)) continue;\n",
    replace: "      isToBeDone(link, request.id);\n",
    also: {
      file: "sdk/connection.ts",
      find: "if (call === null) return this.#giveBack(reply);",
      replace: "if (call === null) return;",
    },
    kinds: ["limiter"],
    isRare: true,
  },
];
