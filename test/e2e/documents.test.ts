import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer, type EmbeddedServer } from "../../server/index.ts";
import { ROOT } from "../../tools/files.ts";
import { exampleFile, examplesInDocuments, runnable } from "../support/documents.ts";

/** In the repository, so that the programs find what is installed, and one folder deep, as examples/ is. */
const FOLDER = join(ROOT, ".examples");
const examples = examplesInDocuments();
let server: EmbeddedServer | null = null;

beforeAll(async () => {
  await mkdir(FOLDER, { recursive: true });
  server = await startServer();
});

afterAll(async () => {
  await server?.stop();
  await rm(FOLDER, { recursive: true, force: true });
});

/** Runs it as a reader would; fails with what it said if it ends with anything but 0. */
async function run(program: string, name: string): Promise<string> {
  const file = join(FOLDER, `${name}.ts`);
  await writeFile(file, runnable(program, server?.url ?? ""));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file]);
  expect(stderr).toBe("");
  return stdout;
}

test.each(examples.map(({ where, text }, index) => ({ where, text, index })))(
  "the program at $where runs, and prints something",
  async ({ text, index }) => {
    expect(await run(text, `example-${index}`)).not.toBe("");
  },
);

test("README's first program is examples/lock.ts", async () => {
  const file = await exampleFile("examples/lock.ts");
  const program = file.slice(file.indexOf("\n") + 1).replace('"../sdk/index.ts"', '"latchwork"');
  expect(examples.find(({ where }) => where.startsWith("README.md"))?.text).toBe(program);
});
