import { execFile } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer, type EmbeddedServer } from "../../server/index.ts";
import { readFiles } from "../../tools/files.ts";
import { CLI } from "../support/cli.ts";
import { temporaryFolder } from "../support/folders.ts";

/** What a reader of these pages types into a shell. */
const SCRIPTS = readFiles(["docs/http.md", "docs/cli.md"]).flatMap(({ path, text }) =>
  Array.from(text.matchAll(/^```sh\n(.*?)^```$/gms), ({ 1: script = "", index }) => ({
    where: `${path}:${text.slice(0, index).split("\n").length}`,
    script,
  })),
);

let server: EmbeddedServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** Without this machine's own settings: a bash whose input is a socket, as that of a child is, would read them. */
function bash(text: string, env = process.env): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)("bash", ["--norc", "-euo", "pipefail", "-c", text], { env });
}

test("there are such pages", () => {
  expect(SCRIPTS.length).toBeGreaterThan(5);
});

test.each(SCRIPTS)("the script at $where runs, and prints something", async ({ script }) => {
  await using folder = await temporaryFolder();
  const latchwork = join(folder.path, "latchwork");
  await writeFile(latchwork, `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`);
  await chmod(latchwork, 0o755);
  const PATH = `${folder.path}:${process.env["PATH"] ?? ""}`;
  const text = script.replaceAll("http://127.0.0.1:8787", server.url);
  const env = { ...process.env, PATH, LATCHWORK_URL: server.url };
  const { stdout, stderr } = await bash(text, env);
  expect(stderr).toBe("");
  expect(stdout).not.toBe("");
});

test("[LE5] the two calls with one key of docs/http.md are answered alike", async () => {
  const script = SCRIPTS.find(({ script }) => script.includes("Idempotency-Key"))?.script ?? "";
  const text = script.replaceAll("http://127.0.0.1:8787", server.url);
  const { stdout } = await bash(text);
  const [first, second] = stdout.trim().split("\n");
  expect(first).toContain("lease");
  expect(second).toBe(first);
});
