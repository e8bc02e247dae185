import type { Mutant } from "./mutant.ts";

const STREAM = "objects/core/stream.ts";
const ITEMS = "objects/core/stream_items.ts";
const kinds = ["stream"] as const;

/** What a stream can lose, or hand out twice. */
export const STREAMS: readonly Mutant[] = [
  {
    name: "an item is dropped with its receiver",
    rules: ["ST3"],
    file: ITEMS,
    find: 'return [{ type: "put-item", item: back }];',
    replace: 'return [{ type: "drop-item", seq: back.seq }];',
    kinds,
  },
  {
    name: "an item counts as confirmed when it is delivered",
    rules: ["ST3"],
    file: STREAM,
    find: '...items.map((item): Effect => ({ type: "put-item", item })),',
    replace: '...items.map(({ seq }): Effect => ({ type: "drop-item", seq })),',
    kinds,
  },
  {
    name: "what comes back goes behind all others",
    rules: ["ST2", "ST3"],
    file: ITEMS,
    find: "this.#buffer.set(back, back.seq);",
    replace: "this.#buffer.set(back, Infinity);",
    kinds,
  },
  {
    name: "a receive that was cancelled keeps what it was given",
    rules: ["ST9"],
    file: STREAM,
    find: "return [...super.cancel(session, target), ...back, ...mark];",
    replace: "return [...super.cancel(session, target), ...back.slice(0, 0), ...mark];",
    kinds,
  },
  {
    name: "a receive that is asked again is given something else",
    rules: ["LE5", "ST3"],
    file: STREAM,
    find: "    if (given.length > 0) return [replyOk(session, id, deliveryOf(given))];\n",
    replace: "",
    kinds,
  },
  {
    name: "an end that is lost with its session does not count as closed",
    rules: ["ST4", "ST5"],
    file: STREAM,
    find: "    this.#ends[detail.side] -= 1;\n",
    replace: '    if (how !== "session-expired") this.#ends[detail.side] -= 1;\n',
    kinds,
  },
  {
    name: "receivers that are blocked are not told of the end",
    rules: ["ST5"],
    file: STREAM,
    find: "effects.push(...this.#refuseAll(receivers, faults.END_OF_STREAM));",
    replace: "effects.push();",
    kinds,
  },
  {
    name: "senders that are blocked are not told that nobody is left",
    rules: ["ST6"],
    file: STREAM,
    find: "effects.push(...this.#refuseAll(senders, faults.BROKEN));",
    replace: "",
    kinds,
  },
  {
    name: "a side that was closed for good opens again",
    rules: ["ST7"],
    file: STREAM,
    find: "    if (this.#isGone(side)) return [replyError(session, id, faults.closedForGood(side))];\n",
    replace: "",
    kinds,
  },
  {
    name: "a send that was withdrawn is not remembered as refused",
    rules: ["LE5", "ST8"],
    file: STREAM,
    find: "const mark = applied ? [] : neverTook(session, target);",
    replace: "const mark = applied ? neverTook(session, target).slice(0, 0) : [];",
    kinds,
    faults: ["stall"],
    often: 6,
  },
  {
    name: "what is blocked in an end that is closed stays in line",
    rules: ["ST8"],
    file: STREAM,
    find: "effects.push(...this.drop(own, how), ...answer(own, faults.closed(detail.side)));",
    replace: "effects.push(...answer(own, faults.closed(detail.side)));",
    kinds,
  },
];
