import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { KINDS } from "../../sdk/names.ts";
import { ROOT } from "../../tools/files.ts";

/** What every primitive has, and neither the compiler nor any other test would miss. */
const FILES = ["docs/KIND.md", "examples/tour/scenes/KIND.ts", "test/simulation/workloads/KIND.ts"];

/** Where it is spoken of, and in which words. */
const MENTIONS: readonly (readonly [path: string, words: string])[] = [
  ["README.md", "](docs/KIND.md)"],
  ["docs/README.md", "| [KIND](KIND.md) |"],
  ["sdk/PROTOCOL.md", "`KIND`"],
  ["examples/tour/scenes/index.ts", '"./KIND.ts"'],
  ["test/testing/primitives.test.ts", ".KIND"],
  ["test/runtimes/suite.ts", ".KIND"],
  ["test/worker/support/rpc_caller.ts", ".KIND"],
  ["test/objects/support/named_object.ts", "function KIND("],
];

describe.each(KINDS)("a %s has its place:", (kind) => {
  const of = (text: string): string => text.replaceAll("KIND", kind);

  it.each(FILES.map(of))("%s", (path) => {
    expect(existsSync(join(ROOT, path))).toBe(true);
  });

  it.each(MENTIONS.map(([path, words]) => [path, of(words)] as const))(
    "in %s, as %s",
    (path, words) => {
      expect(readFileSync(join(ROOT, path), "utf8").includes(words)).toBe(true);
    },
  );
});
