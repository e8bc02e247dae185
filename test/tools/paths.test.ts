import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { readFiles, ROOT, type SourceFile } from "../../tools/files.ts";

/** What people read. The changelog is history: it may name what is gone. */
const PAGES = readFiles(["*.md", "docs/**/*.md", "sdk/PROTOCOL.md"]).filter(
  ({ path }) => path !== "CHANGELOG.md",
);

const exclude = (path: string): boolean => /(^|[/\\])(node_modules|dist|\.\w+)$/.test(path);
const FILES = globSync("**/*.*", { cwd: ROOT, exclude }).map((path) => path.replaceAll("\\", "/"));
const ROOMS = new Set(FILES.filter((path) => path.includes("/")).map((path) => path.split("/")[0]));
/** A file's name, or that of a folder, alone or with folders before it; stars are as in a shell. */
const PATH = /^(?:[\w*]+\/)*(?:[\w*-]+(?:\.[\w*-]+)*\.(?:ts|md|toml|json)|[\w*]+\/)$/;
/** Made by a build, or not ours. */
const ELSEWHERE = new Set(["dist/"]);
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  scripts: Readonly<Record<string, string>>;
};

/** The paths that a page names between back-ticks. */
function named(text: string): string[] {
  const quoted = Array.from(text.matchAll(/`([^`\n]+)`/g), ([, code = ""]) => code.split(/\s+/));
  const paths = quoted.flat().filter((word) => isPath(word) && !ELSEWHERE.has(word));
  return [...new Set(paths)];
}

function isPath(word: string): boolean {
  return PATH.test(word) || (/^[\w/.*-]+$/.test(word) && ROOMS.has(word.split("/")[0] ?? ""));
}

/**
 * True if there is such a file or folder. What begins with a room is a path from the root; anything else may stand
 * anywhere. The guide's example, a primitive that is not there, has what an event has.
 */
function exists(path: string): boolean {
  const isRooted = ROOMS.has(path.split("/")[0] ?? "");
  const pattern = path
    .replaceAll("barrier", "event")
    .replaceAll(".", "\\.")
    .replaceAll("*", "[^/]*");
  const end = path.endsWith("/") ? "" : "(?:/|$)";
  const found = new RegExp(`${isRooted ? "^" : "(?:^|/)"}${pattern}${end}`);
  return FILES.some((file) => found.test(file));
}

/** What `find` finds wrong, page by page. */
function wrong(find: (page: SourceFile) => readonly string[]): string[] {
  return PAGES.flatMap((page) => find(page).map((what) => `${page.path}: ${what}`));
}

test("every file and folder that a page names is there", () => {
  expect(wrong(({ text }) => named(text).filter((path) => !exists(path)))).toEqual([]);
});

test("every file and folder that a page links to is there", () => {
  const missing = wrong(({ path, text }) => {
    const prose = text.replaceAll(/`[^`\n]*`/g, "");
    const links = Array.from(prose.matchAll(/\]\(([^)\s#]+)/g), ([, to = ""]) => to);
    const inside = links.filter((to) => !/^\w+:/.test(to));
    return inside.filter((to) => !existsSync(join(ROOT, dirname(path), to)));
  });
  expect(missing).toEqual([]);
});

test("every npm script that a page names is in package.json", () => {
  const missing = wrong(({ text }) => {
    const run = Array.from(text.matchAll(/npm run ([\w:]+)/g), ([, script = ""]) => script);
    return run.filter((script) => !(script in scripts));
  });
  expect(missing).toEqual([]);
});

test("and the test would notice", () => {
  const text =
    "`test/gone.ts`, `gone.ts`, `gone/`, `test/gone`, `npm test -- test/gone`, `event.ts`, `test/core/`";
  expect(named(text).filter((path) => !exists(path))).toEqual([
    "test/gone.ts",
    "gone.ts",
    "gone/",
    "test/gone",
  ]);
});

test("CONTRIBUTING.md names every npm script, and every folder of tests", () => {
  const page = PAGES.find(({ path }) => path === "CONTRIBUTING.md")?.text ?? "";
  const folders = globSync("test/*/", { cwd: ROOT }).map((path) => basename(path));
  const isNamed = (script: string): boolean =>
    new RegExp(`(?:npm |run |\`)${script}\\b`).test(page);
  expect(Object.keys(scripts).filter((script) => !isNamed(script))).toEqual([]);
  expect(folders.filter((folder) => !page.includes(`\`test/${folder}/`))).toEqual([]);
});
