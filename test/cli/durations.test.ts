import { InvalidArgumentError } from "commander";
import { expect, test } from "vitest";
import { duration } from "../../cli/options.ts";

test.each([
  ["0", 0],
  ["5", 5_000],
  ["1.5", 1_500],
  ["500ms", 500],
  ["30s", 30_000],
  ["5m", 300_000],
  ["1h", 3_600_000],
])("%s is %d ms", (text, ms) => {
  expect(duration(text)).toBe(ms);
});

test.each(["", "soon", "-1", "1x", "1e3", "0x10", "Infinity", " 5"])(
  "%j is no duration",
  (text) => {
    expect(() => duration(text)).toThrow(InvalidArgumentError);
  },
);
