import { describe, expect, it } from "vitest";
import { connect, LIMITS } from "../../sdk/index.ts";
import { checkPrefix, nameFor } from "../../middleware/names.ts";
import { nameOfKey, readKey } from "../../middleware/idempotency_key.ts";

const HASHED = /^p\/sha256:[0-9a-f]{64}$/;
const latchwork = connect("http://127.0.0.1:1");

describe("a key becomes a name", () => {
  it("stands behind the prefix as it is, so that other programs can open the same name", async () => {
    expect(await nameFor("accounts/", "42")).toBe("accounts/42");
    expect(await nameFor("p/", "")).toBe("p/");
  });

  it.each([
    ["as long as a name may be", "x".repeat(LIMITS.nameCharactersMax - 2)],
    ["of characters that are two code units", "😀".repeat(200)],
  ])("%s: unchanged", async (_, key) => {
    const name = await nameFor("p/", key);
    expect(name).toBe(`p/${key}`);
    expect(() => latchwork.lock(name)).not.toThrow();
  });

  it.each([
    ["one character too long", "x".repeat(LIMITS.nameCharactersMax - 1)],
    ["too many bytes", "😀".repeat(256)],
    ["a megabyte", "x".repeat(1_048_576)],
    ["with a line feed", "a\nb"],
    ["with a lone surrogate", "a\ud800b"],
    ["that poses as a hash", `sha256:${"0".repeat(64)}`],
  ])("%s: its hash stands there", async (_, key) => {
    const name = await nameFor("p/", key);
    expect(name).toMatch(HASHED);
    expect(name).not.toBe(`p/${key}`);
    expect(() => latchwork.lock(name)).not.toThrow();
    expect(await nameFor("p/", `${key}.`)).not.toBe(name);
    expect(await nameFor("p/", key)).toBe(name);
  });

  it("a prefix that leaves no room for a hash, or fits no name, is refused at once", () => {
    const room = LIMITS.nameCharactersMax - 71;
    expect(() => checkPrefix("p".repeat(room))).not.toThrow();
    expect(() => checkPrefix("p".repeat(room + 1))).toThrow("leaves 71");
    expect(() => checkPrefix("a\nb")).toThrow("no control characters");
  });
});

describe("an idempotency key", () => {
  it.each([
    ["bare", "8e03978e-40d5", "8e03978e-40d5"],
    ["quoted, as the draft has it", '"8e03978e-40d5"', "8e03978e-40d5"],
    ["quoted, with escapes", String.raw`"a\"b\\c"`, String.raw`a"b\c`],
    ["with spaces", "a b", "a b"],
    ["as long as may be", "k".repeat(255), "k".repeat(255)],
  ])("is read from a header: %s", (_, header, key) => {
    expect(readKey(header)).toBe(key);
  });

  it.each([
    ["empty", ""],
    ["empty quotes", '""'],
    ["too long", "k".repeat(256)],
    ["an open quote", '"abc'],
    ["a quote inside", 'a"b'],
    ["a control character", "a\tb"],
    ["not ASCII", "schlüssel"],
  ])("is none: %s", (_, header) => {
    expect(readKey(header)).toBeNull();
  });

  it("of one scope is never that of another", async () => {
    const names = await Promise.all([
      nameOfKey("once/", undefined, "a/b"),
      nameOfKey("once/", "a", "b"),
      nameOfKey("once/", "a/b", "c"),
      nameOfKey("once/", "a", "b/c"),
      nameOfKey("once/", "a%2Fb", "c"),
      nameOfKey("once/", "", "c"),
    ]);
    expect(names.slice(1)).toEqual([
      "once/a/b",
      "once/a%2Fb/c",
      "once/a/b/c",
      "once/a%252Fb/c",
      "once//c",
    ]);
  });
});
