import type { Mutant } from "./mutant.ts";

const CONNECTION = "sdk/connection.ts";

/** The client's side of it. */
export const SDK: readonly Mutant[] = [
  {
    name: "who gives up does not say so",
    rules: ["W3", "LK3"],
    file: CONNECTION,
    find: '    const answered = this.ask({ op: "cancel", target: id });\n',
    replace: "    const answered = Promise.resolve({});\n",
  },
  {
    name: "a release is not asked again after a reconnect",
    rules: ["W5"],
    file: CONNECTION,
    find: "this.#outbox = this.calls.all();",
    replace: 'this.#outbox = this.calls.all().filter(({ body }) => body.op !== "release");',
  },
  {
    name: "what was asked is not asked again after a reconnect",
    rules: ["W5", "LE5"],
    file: CONNECTION,
    find: "this.#outbox = this.calls.all();",
    replace: "this.#outbox = this.calls.all().filter(({ firstSentOn }) => firstSentOn === null);",
  },
  {
    name: "what is asked again has another id",
    rules: ["LE5"],
    file: CONNECTION,
    find: "this.#outbox = this.calls.all();",
    replace: `this.#outbox = this.calls.all().map((call) => {
      this.calls.take(call.id);
      const again = { ...call, id: (this.#lastId += 1) };
      this.calls.add(again);
      return again;
    });`,
  },
  {
    name: "what is asked again is asked in another order",
    rules: ["ST2"],
    file: "sdk/calls.ts",
    find: "return [...this.values()].toSorted((a, b) => a.id - b.id);",
    replace: "return [...this.values()].toSorted((a, b) => b.id - a.id);",
  },
  {
    name: "a client trusts a silent server for longer than the TTL",
    rules: ["LE4"],
    file: "sdk/client_session.ts",
    find: "const TRUSTED_PART = 0.9;",
    replace: "const TRUSTED_PART = 1.2;",
    kinds: ["lock", "condition", "semaphore"],
  },
  {
    name: "a lease outlives its session",
    rules: ["LE4"],
    file: CONNECTION,
    find: "    this.holdings.loseAll(reason);\n",
    replace: "    void reason;\n",
    kinds: ["lock", "condition", "semaphore"],
  },
  {
    name: "a client counts from when it heard the answer, not from when it asked",
    rules: ["LE4"],
    file: "sdk/heartbeat.ts",
    find: "events.heard(sentAtMs);",
    replace: "events.heard(environment.nowMs());",
    kinds: ["lock", "condition", "semaphore"],
    faults: ["outage", "stall"],
    often: 4,
  },
  {
    name: "a client counts from when it was welcomed, not from when it dialled",
    rules: ["LE4"],
    file: CONNECTION,
    find: "this.#session.welcomed(link.startedAtMs);",
    replace: "this.#session.welcomed(this.environment.nowMs());",
    kinds: ["lock", "condition", "semaphore"],
    faults: ["last gasp", "slow"],
    often: 4,
  },
  {
    name: "a program that was frozen believes what it was told before",
    rules: ["LE4"],
    file: CONNECTION,
    find: "    if (this.#endIfUnheard()) return this.#drop();\n",
    replace: "",
    kinds: ["lock", "condition", "semaphore"],
  },
  {
    name: "a heart that does not beat",
    rules: ["LE1", "LE4"],
    file: "sdk/heartbeat.ts",
    find: "  schedule();\n  return {\n",
    replace: "  return {\n",
    kinds: ["lock", "condition", "semaphore"],
  },
  {
    name: "what was received is not confirmed",
    rules: ["ST3"],
    file: "sdk/stream_end.ts",
    find: 'if (items.length > 0 && this.fault === null) this.connection.tell({ op: "confirm", items });',
    replace: "void items;",
    kinds: ["stream"],
  },
  {
    name: "an abort always counts as withdrawn",
    rules: ["ST8"],
    file: "sdk/send_stream.ts",
    find: 'return "applied" in cancelled && cancelled.applied;',
    replace: 'return "applied" in cancelled && false;',
    kinds: ["stream"],
  },
  {
    name: "a cancelled send that was never seen is cancelled before it is asked",
    rules: ["LE5", "ST8"],
    file: "sdk/send_stream.ts",
    find: "  connection.calls.add({ ...call, ...UNATTENDED, deadlineMs: connection.environment.nowMs() });\n",
    replace: "",
    kinds: ["stream"],
  },
  {
    name: "of what was fetched ahead the last is used first",
    rules: ["ST2"],
    file: "sdk/receiving.ts",
    find: "const ready = this.#ready.shift();",
    replace: "const ready = this.#ready.pop();",
    kinds: ["stream"],
  },
  {
    name: "a wait keeps the token that it has given up",
    rules: ["CO6"],
    file: "sdk/held_condition.ts",
    find: "this.token = tokenOf(result);",
    replace: "tokenOf(result);",
    kinds: ["condition"],
  },
  {
    name: "a release that came through is said to have failed",
    rules: ["LE3"],
    file: CONNECTION,
    find: "        this.calls.take(id)?.succeed({});\n",
    replace: "",
  },
];
