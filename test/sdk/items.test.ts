import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeItem } from "../../sdk/items.ts";
import { InvalidArgumentError, LIMITS } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { openSend, since } from "../support/sdk/handles.ts";
import { watch } from "../support/sdk/watched.ts";
import { World } from "../support/sdk/world.ts";

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;
const thrower = {
  toJSON: (): never => {
    throw new RangeError("Not today");
  },
};

function nested(depth: number): unknown {
  let value: unknown = null;
  for (let count = 0; count < depth; count += 1) value = [value];
  return value;
}

/** What JSON cannot carry, by the name of what it is. */
const NOT_ITEMS: readonly (readonly [string, unknown])[] = [
  ["undefined", undefined],
  ["NaN", Number.NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
  ["a bigint", 1n],
  ["a function", () => {}],
  ["a symbol", Symbol("s")],
  ["a cycle", cyclic],
  ["a Map", new Map([[1, 2]])],
  ["a Set", new Set([1])],
  ["a promise that somebody forgot to await", Promise.resolve(1)],
  ["a regular expression", /a/],
  ["an error", new Error("Oh.")],
  ["bytes", new Uint8Array(2)],
  ["a buffer", new ArrayBuffer(2)],
  ["a NaN in its box", Object(Number.NaN)],
  ["an array with undefined", [1, undefined]],
  ["an array with a hole", Object.assign([], { 1: 1 })],
  ["a NaN deep inside", { a: [{ b: Number.NaN }] }],
  ["a function inside", { work: () => {} }],
  ["a Map inside", { a: [new Map()] }],
  ["a bigint inside", [{ a: 1n }]],
  ["something that refuses", thrower],
  ["a date that is none", { at: new Date("tomorrow") }],
  ["what is nested too deeply", nested(100_000)],
];

describe("an item", () => {
  it("[ST11] is any JSON value, which comes back as it was", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
        expect(JSON.stringify(JSON.parse(encodeItem(value)))).toBe(JSON.stringify(value));
      }),
    );
  });

  it.for([null, true, false, 0, -1.5, "", "ü🙂\u0000", [], {}, [null], { a: { b: [1, "2"] } }])(
    "[ST11] may be %j",
    (value) => {
      expect(JSON.parse(encodeItem(value))).toEqual(value);
    },
  );

  it.for([
    { what: "a property that is undefined", value: { a: 1, b: undefined }, is: { a: 1 } },
    { what: "a date", value: new Date(0), is: "1970-01-01T00:00:00.000Z" },
    { what: "an object that says what it is", value: { toJSON: () => [1] }, is: [1] },
    { what: "an object without a prototype", value: Object.create(null) as object, is: {} },
    { what: "a lone surrogate", value: "\ud800", is: "\ud800" },
  ])("[ST11] may be $what, as JSON has it", ({ value, is }) => {
    expect(JSON.parse(encodeItem(value))).toEqual(is);
  });

  it.each(NOT_ITEMS)("[ST11] is not %s", (_, value) => {
    expect(() => encodeItem(value)).toThrow(InvalidArgumentError);
  });

  it("itemCharactersMax: has that many characters, and not one more", () => {
    const quotes = 2;
    const longest = "x".repeat(LIMITS.itemCharactersMax - quotes);
    expect(encodeItem(longest)).toHaveLength(LIMITS.itemCharactersMax);
    expect(() => encodeItem(`${longest}x`)).toThrow(
      expect.objectContaining({
        code: "limit-exceeded",
        limit: "itemCharactersMax",
        max: LIMITS.itemCharactersMax,
      }),
    );
  });
});

describe("what is no item", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.end());

  it.each(NOT_ITEMS)("[ST11] is refused before anything is sent: %s", async (_, value) => {
    const { send, socket } = await openSend(world);
    const calls = [watch(send.send(value)), watch<unknown>(send.trySend(value))];
    await settle();
    expect(calls.map(({ fate }) => fate)).toEqual(["invalid-argument", "invalid-argument"]);
    expect([since(socket, 1), world.clock.timersCount]).toEqual([[], 2]);
  });

  it("is refused where it is too large, before anything is sent", async () => {
    const { send, socket } = await openSend(world);
    const sending = watch(send.send("x".repeat(LIMITS.itemCharactersMax)));
    await settle();
    expect([sending.fate, since(socket, 1)]).toEqual(["limit-exceeded", []]);
  });
});
