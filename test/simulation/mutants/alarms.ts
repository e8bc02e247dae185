import type { Mutant } from "./mutant.ts";

const HOST = "objects/host/host.ts";
const TURN = "objects/host/turn.ts";

/** The one alarm, and what hangs on it. */
export const ALARMS: readonly Mutant[] = [
  {
    name: "the alarm is not armed again when it has gone off",
    rules: ["W4", "W5"],
    file: HOST,
    find: `    this.#due(this.#nextDeadlineMs());
    this.#turn.close();`,
    replace: "",
  },
  {
    name: "an object that starts does not arm an alarm that is missing",
    rules: ["W4", "W5"],
    file: HOST,
    find: `    this.#detachOrphans(stored, ports.clock.nowMs());
    this.#due(this.#nextDeadlineMs());`,
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
    file: HOST,
    find: "if (this.#isIdle() && nowMs >= this.#idleUntilMs(0)) return",
    replace: "if (nowMs >= this.#idleUntilMs(0)) return",
  },
  {
    name: "a name that nobody uses is kept for ever",
    rules: ["idle"],
    file: HOST,
    find: "if (leavesTrace && this.#isIdle()) this.#turn.due(nowMs + IDLE_WIPE_MS);",
    replace: "",
    kinds: ["lock", "condition", "event"],
  },
];
