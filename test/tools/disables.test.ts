import { expect, it } from "vitest";
import { unexplainedDisables } from "../../tools/disable_comments.ts";

it.each([
  ["// oxlint-disable-next-line no-console", 1],
  ["/* eslint-disable no-console */", 1],
  ["// oxlint-disable-next-line no-console --", 1],
  ["// oxlint-disable-next-line no-console -- the command line prints", 0],
  ["/* oxlint-disable no-console -- the command line prints */", 0],
])("%s", (comment, count) => {
  const findings = unexplainedDisables({ path: "a.ts", text: `const a = 1;\n${comment}\n` });
  expect(findings).toHaveLength(count);
  expect(findings.every((finding) => finding.startsWith("a.ts:2: "))).toBe(true);
});
