import type { Mutant } from "./mutant.ts";

const HOST = "objects/host/host.ts";
const DEADLINES = "objects/host/deadlines.ts";
const TURN = "objects/host/turn.ts";

/** The one alarm, and what hangs on it. */
export const ALARMS: readonly Mutant[] = [
  {
    name: "the alarm is not armed again when it has gone off",
    rules: ["W4", "W5"],
    file: HOST,
    find: `    this.#deadlines.watchAll();
    this.#turn.close();`,
    replace: "",
  },
  {
    name: "an object that starts does not arm an alarm that is missing",
    rules: ["W4", "W5"],
    file: HOST,
    find: `    this.#detachOrphans(stored, ports.clock.nowMs());
    this.#deadlines.watchAll();`,
    replace: "    this.#detachOrphans(stored, ports.clock.nowMs());",
  },
  {
    name: "the alarm never moves to an earlier time",
    rules: ["W4", "W5"],
    file: TURN,
    find: "if (this.#deadlineMs < (alarm.armedAtMs ?? Infinity)) alarm.arm(this.#deadlineMs);",
    replace:
      "if (this.#deadlineMs < Infinity && alarm.armedAtMs === null) alarm.arm(this.#deadlineMs);",
  },
  {
    name: "the alarm is armed for what is due latest",
    rules: ["W4", "W5"],
    file: TURN,
    find: "if (atMs >= this.#deadlineMs || atMs >= (this.#ports.alarm.armedAtMs ?? Infinity)) return;",
    replace: "if (atMs >= (this.#ports.alarm.armedAtMs ?? Infinity)) return;",
    kinds: ["event"],
  },
  {
    name: "a name that somebody uses is wiped",
    rules: ["LE1"],
    file: DEADLINES,
    find: "return this.#isIdle && nowMs >= this.#idleUntilMs(0);",
    replace: "return nowMs >= this.#idleUntilMs(0);",
  },
  {
    name: "a name that nobody uses is kept for ever",
    rules: ["idle"],
    file: DEADLINES,
    find: "if (leavesTrace && this.#isIdle) turn.due(nowMs + IDLE_WIPE_MS);",
    replace: "",
    kinds: ["lock", "condition", "event"],
  },
];
