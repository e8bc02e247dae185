import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { findExamples } from "../../tools/examples.ts";
import { ROOT } from "../../tools/files.ts";

const PAGE = readFileSync(join(ROOT, "docs/examples.md"), "utf8");
/** They have places of their own: README begins with them. */
const ELSEWHERE = ["index.ts", "lock.ts", "tour/index.ts"];

const parts = Array.from(
  PAGE.matchAll(/^```typescript\n\/\/ (\S+)\n(.*?)^```$/gms),
  ([, path = "", text = ""]) => ({ path, text }),
);
const examples = findExamples({ folder: join(ROOT, "examples"), except: ELSEWHERE });

test.each(parts)("what docs/examples.md shows of $path is what stands there", ({ path, text }) => {
  const program = readFileSync(join(ROOT, path), "utf8")
    .replaceAll('"../../sdk/index.ts"', '"latchwork"')
    .replaceAll('"../../middleware/index.ts"', '"latchwork/hono"')
    .replaceAll('"../fencing/fence.ts"', '"./fence.ts"');
  expect(text).toBe(program);
});

test.each(examples)("docs/examples.md tells of examples/%s", (example) => {
  const folder = `examples/${dirname(example)}/`;
  expect(parts.some(({ path }) => path.startsWith(folder))).toBe(true);
});

test("every link within docs/examples.md leads to a heading", () => {
  const headings = Array.from(PAGE.matchAll(/^##+ (.*)$/gm), ([, text = ""]) =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9 -]/g, "")
      .replaceAll(" ", "-"),
  );
  const links = Array.from(PAGE.matchAll(/\]\(#([^)]*)\)/g), ([, link]) => link);
  expect(links.length).toBeGreaterThan(0);
  expect(headings).toEqual(expect.arrayContaining(links));
});
