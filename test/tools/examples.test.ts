import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findExamples, runExamples } from "../../tools/examples.ts";
import { temporaryFolder } from "../support/folders.ts";

const PATIENCE_MS = 60_000;
const POLL = { timeout: PATIENCE_MS };
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

async function write(file: string, program: string): Promise<void> {
  const path = join(folder.path, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, program);
}

async function run(
  limitMs = PATIENCE_MS,
  signal?: AbortSignal,
): Promise<{ isGood: boolean; printed: string }> {
  const lines: string[] = [];
  const print = (text: string): void => void lines.push(text);
  const options = { folder: folder.path, limitMs, print, ...(signal && { signal }) };
  return { isGood: await runExamples(options), printed: lines.join("\n") };
}

describe("findExamples", () => {
  it("finds programs and the index.ts of folders, and nothing else", async () => {
    for (const file of ["one.ts", "two/index.ts", "two/part.ts", "three/src/index.ts", "four.md"])
      await write(file, "");
    expect(findExamples({ folder: folder.path })).toEqual(["one.ts", "two/index.ts"]);
    expect(findExamples({ folder: folder.path, wanted: ["tw"] })).toEqual(["two/index.ts"]);
    expect(findExamples({ folder: folder.path, except: ["one.ts"] })).toEqual(["two/index.ts"]);
  });
});

describe("runExamples", { timeout: 2 * PATIENCE_MS }, () => {
  it("is content with those that say something and end well, and shows their findings", async () => {
    await write("a.ts", `console.log("working"); console.log("  ✓ all done");`);
    await write("b/index.ts", `console.log("  ✓ this too");`);
    const { isGood, printed } = await run();
    expect(isGood).toBe(true);
    expect(printed).toMatch(/^ok {3}a\.ts, .* s\n +✓ all done\nok {3}b\/index\.ts, .* s\n +✓ this/);
  });

  it.each([
    ["exits with 1", `console.log("✗ NOT SO: three"); process.exitCode = 1;`, "ended with 1"],
    ["throws", `console.log("so far"); throw new Error("broken");`, "ended with 1"],
    ["prints nothing", "", "printed nothing"],
    ["prints only to standard error", `console.error("hm");`, "printed nothing"],
    ["is killed", `console.log("x"); process.kill(process.pid, "SIGKILL");`, "a signal"],
  ])("fails when one of them %s, and runs the others", async (_, program, fault) => {
    await write("a.ts", program);
    await write("b.ts", `console.log("  ✓ good");`);
    const { isGood, printed } = await run();
    expect(isGood).toBe(false);
    expect(printed).toContain("FAIL a.ts");
    expect(printed).toContain(fault);
    expect(printed).toContain("ok   b.ts");
  });

  it("shows all that a failed one said", async () => {
    await write("a.ts", `console.log("said"); console.error("complained"); process.exit(3);`);
    const { printed } = await run();
    expect(printed).toMatch(/said[^]*complained/);
  });

  it("fails where there is none", async () => {
    expect((await run()).isGood).toBe(false);
  });

  it("fails when one of them takes too long", async () => {
    await write("a.ts", `console.log("on"); setInterval(() => {}, 1_000);`);
    const { isGood, printed } = await run(100);
    expect(isGood).toBe(false);
    expect(printed).toContain("did not end in time");
  });

  it("ends what runs when it is told to, with every process that it has started", async () => {
    await write("child.mts", `console.log("on"); setInterval(() => {}, 1_000);`);
    await write(
      "a.ts",
      `import { fork } from "node:child_process";
       import { writeFileSync } from "node:fs";
       fork(new URL("child.mts", import.meta.url));
       writeFileSync(new URL("started", import.meta.url), "");`,
    );
    await write("b.ts", `console.log("never");`);
    const stop = new AbortController();
    const running = run(PATIENCE_MS, stop.signal);
    await expect.poll(() => existsSync(join(folder.path, "started")), POLL).toBe(true);
    stop.abort();
    // It settles when the child's standard output is closed too, which the child alone still has.
    const { isGood, printed } = await running;
    expect(isGood).toBe(false);
    expect(printed).toContain("FAIL a.ts");
    expect(printed).not.toContain("b.ts");
  });
});
