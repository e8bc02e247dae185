import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../tools/files.ts";

const IMPORTS = "no-restricted-imports";
const GLOBALS = "no-restricted-globals";
const PROPERTIES = "no-restricted-properties";
const ASYNC = "no-async-await";
const AWAIT = "no-top-level-await";

/** [the folder of a file, what it holds, the rule that must report it; `null` where it must pass] */
const CASES: readonly (readonly [folder: string, text: string, rule: string | null])[] = [
  ["sdk", `import { Lock } from "./lock.ts";`, null],
  ["sdk/deep", `import { Lock } from "../lock.ts";`, null],
  ["sdk", `import { Line } from "../objects/core/line.ts";`, IMPORTS],
  ["sdk/deep", `import { Line } from "../../objects/core/line.ts";`, IMPORTS],
  ["sdk", `import { readFile } from "node:fs";`, IMPORTS],
  ["sdk", `import { Hono } from "hono";`, IMPORTS],
  ["sdk", `export const pid = process.pid;`, GLOBALS],

  ["objects/core", `import { Line } from "./line.ts";`, null],
  ["objects/core", `import type { Fault } from "../../sdk/protocol.ts";`, null],
  ["objects/core", `import { LIMITS, type Fault } from "../../sdk/protocol.ts";`, null],
  ["objects/core", `import { LIMITS } from "../../sdk/limits.ts";`, null],
  ["objects/core", `import { nameFault } from "../../sdk/protocol.ts";`, IMPORTS],
  ["objects/core", `export { nameFault } from "../../sdk/protocol.ts";`, IMPORTS],
  ["objects/core", `import * as protocol from "../../sdk/protocol.ts";`, IMPORTS],
  ["objects/core", `import type { Lease } from "../../sdk/lease.ts";`, IMPORTS],
  ["objects/core", `import type { Host } from "../host/host.ts";`, IMPORTS],
  ["objects/core", `export * from "../host/host.ts";`, IMPORTS],
  ["objects/core", `import "../host/host.ts";`, IMPORTS],
  ["objects/core", `export const host = import("../host/host.ts");`, IMPORTS],
  ["objects/core", `import { DurableObject } from "cloudflare:workers";`, IMPORTS],
  ["objects/core", `import { randomUUID } from "node:crypto";`, IMPORTS],
  ["objects/core", `import fc from "fast-check";`, IMPORTS],
  ["objects/core", `export const now = Date.now();`, GLOBALS],
  ["objects/core", `export const now = new Date();`, GLOBALS],
  ["objects/core", `export const now = globalThis.Date;`, GLOBALS],
  ["objects/core", `export const now = performance.now();`, GLOBALS],
  ["objects/core", `setTimeout(() => {}, 1);`, GLOBALS],
  ["objects/core", `setInterval(() => {}, 1);`, GLOBALS],
  ["objects/core", `setImmediate(() => {});`, GLOBALS],
  ["objects/core", `queueMicrotask(() => {});`, GLOBALS],
  ["objects/core", `export const id = crypto.randomUUID();`, GLOBALS],
  ["objects/core", `export const page = fetch("/");`, GLOBALS],
  ["objects/core", `console.log("here");`, GLOBALS],
  ["objects/core", `export const signal = AbortSignal.timeout(5);`, GLOBALS],
  ["objects/core", `export const channel = new MessageChannel();`, GLOBALS],
  ["objects/core", `export const now = Temporal.Now.instant();`, GLOBALS],
  ["objects/core", `export const now = new Intl.DateTimeFormat().format();`, GLOBALS],
  ["objects/core", `export const gone = new WeakRef({}).deref();`, GLOBALS],
  ["objects/core", `export const end = new FinalizationRegistry(() => {});`, GLOBALS],
  ["objects/core", `export const { Date: Clock } = globalThis;`, GLOBALS],
  ["objects/core", `export const roll = globalThis.Math.random();`, GLOBALS],
  ["objects/core", `export const roll = Reflect.get(Math, "random");`, GLOBALS],
  ["objects/core", `export const later = Promise.resolve(1);`, GLOBALS],
  ["objects/core", `export async function later() {}`, ASYNC],
  ["objects/core", `export const later = async () => 1;`, ASYNC],
  ["objects/core", `export class Later { async apply() {} }`, ASYNC],
  ["objects/core", `export const one = await import("./line.ts");`, AWAIT],
  ["objects/core", `export const roll = Math.random();`, PROPERTIES],
  ["objects/core", `export const { random } = Math;`, PROPERTIES],
  ["objects/core", `export const two = Math.max(1, 2);`, null],

  ["objects/host", `import { Line } from "../core/line.ts";`, null],
  ["objects/host", `import { encode } from "../../sdk/protocol.ts";`, null],
  ["objects/host", `import { DurableObject } from "cloudflare:workers";`, null],
  ["objects/host", `export const now = Date.now();`, null],
  ["objects/host", `import { LockObject } from "../lock.ts";`, IMPORTS],
  ["objects/host", `import { connect } from "../../sdk/index.ts";`, IMPORTS],
  ["objects/host", `import { readFile } from "node:fs";`, IMPORTS],
  ["objects/host", `import { app } from "../../worker/index.ts";`, IMPORTS],

  ["objects", `import { Host } from "./host/host.ts";`, null],
  ["objects", `import { LockMachine } from "./core/lock.ts";`, null],
  ["objects", `import { app } from "../worker/index.ts";`, IMPORTS],
  ["objects", `import { connect } from "../sdk/index.ts";`, IMPORTS],

  ["worker", `import { LockObject } from "../objects/index.ts";`, null],
  ["worker", `import { nameFault } from "../sdk/protocol.ts";`, null],
  ["worker", `import { Hono } from "hono";`, null],
  ["worker", `import { upgradeWebSocket } from "hono/cloudflare-workers";`, null],
  ["worker", `import { Host } from "../objects/host/host.ts";`, IMPORTS],
  ["worker", `import { Line } from "../objects/core/line.ts";`, IMPORTS],

  ["middleware", `import { names } from "./names.ts";`, null],
  ["middleware", `import { connect } from "../sdk/index.ts";`, null],
  ["middleware", `import type { Context } from "hono";`, null],
  ["middleware", `import { routePath } from "hono/route";`, null],
  ["middleware", `import { nameFault } from "../sdk/names.ts";`, IMPORTS],
  ["middleware", `import { nameFault } from "../sdk/protocol.ts";`, IMPORTS],
  ["middleware", `import { problem } from "../worker/problem.ts";`, IMPORTS],
  ["middleware", `import { createHash } from "node:crypto";`, IMPORTS],
  ["middleware", `export const bytes = Buffer.from("here");`, GLOBALS],

  ["server", `import { connect } from "../sdk/index.ts";`, null],
  ["server", `import { spawn } from "node:child_process";`, null],

  ["testing", `import { EventLoop } from "./event_loop.ts";`, null],
  ["testing", `import { clientOfAll } from "../sdk/client.ts";`, null],
  ["testing", `import { LockMachine } from "../objects/core/lock.ts";`, null],
  ["testing", `import { Host } from "../objects/host/host.ts";`, null],
  ["testing", `import { PrimitiveObject } from "../objects/host/durable_object.ts";`, IMPORTS],
  ["testing", `import { SqlStore } from "../objects/host/sql_store.ts";`, IMPORTS],
  ["testing", `import { LockObject } from "../objects/lock.ts";`, IMPORTS],
  ["testing", `import { app } from "../worker/index.ts";`, IMPORTS],
  ["testing", `import { startServer } from "../server/index.ts";`, IMPORTS],
  ["testing", `import { HostWorld } from "../test/support/host_world.ts";`, IMPORTS],
  ["testing", `import { setImmediate } from "node:timers";`, IMPORTS],
  ["testing", `setTimeout(() => {}, 1);`, GLOBALS],
  ["testing", `queueMicrotask(() => {});`, GLOBALS],
  ["testing", `export const now = performance.now();`, GLOBALS],
  ["testing", `export const now = Temporal.Now.instant();`, GLOBALS],
  ["testing", `export const now = Date.now();`, PROPERTIES],
  ["testing", `export const signal = AbortSignal.timeout(5);`, PROPERTIES],
  ["testing", `export const roll = Math.random();`, PROPERTIES],

  ["cli", `import { serve } from "../server/index.ts";`, null],
  ["cli", `import { load } from "../bench/load.ts";`, IMPORTS],
  ["cli", `import { seeded } from "../test/support/seeded.ts";`, IMPORTS],
  ["test/core", `import { load } from "../../bench/load.ts";`, IMPORTS],

  // No room but the tests of its parts imports cli/; none but tests imports test/, none but measurements bench/.
  ["test/cli", `import { duration } from "../../cli/options.ts";`, null],
  ...refused(["bench", "bench/cases"], ["test", "cli"]),
  ...refused(["sdk", "objects/core", "objects/host", "objects", "worker", "worker/calls"]),
  ...refused(["middleware", "testing", "server", "examples", "examples/tour", "tools"]),
];

/** A case for each folder with each room that its files may not import from. */
function refused(
  folders: readonly string[],
  rooms: readonly string[] = ["test", "bench", "cli"],
): (readonly [string, string, string])[] {
  return folders.flatMap((folder) => {
    const root = folder.replaceAll(/[^/]+/g, "..");
    return rooms.map(
      (room) => [folder, `import { some } from "${root}/${room}/some.ts";`, IMPORTS] as const,
    );
  });
}

interface Diagnostic {
  readonly filename: string;
  readonly code?: string;
}

const reported = new Map<string, string[]>();

/** One run lints every snippet, in a copy of the repository's tree, under the repository's own configuration. */
beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), "latchwork-lint-"));
  try {
    const config = JSON.parse(await readFile(join(ROOT, ".oxlintrc.json"), "utf8")) as object;
    // Snippets import what does not exist, so there are no types to be aware of.
    const untyped = { ...config, options: { typeAware: false } };
    await writeFile(join(root, ".oxlintrc.json"), JSON.stringify(untyped));
    await Promise.all(
      CASES.map(async ([folder, text], index) => {
        await mkdir(join(root, folder), { recursive: true });
        await writeFile(join(root, folder, fileName(index)), `${text}\n`);
      }),
    );
    for (const { filename, code = "" } of lint(root)) {
      const file = filename.split(/[/\\]/).at(-1) ?? "";
      reported.set(file, [...(reported.get(file) ?? []), code]);
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}, 60_000);

describe("imports run one way, and the core is pure", () => {
  const cases = CASES.map(([folder, text, rule], index) => ({ folder, text, rule, index }));
  it.each(cases)("$folder: $text", ({ index, rule }) => {
    const codes = reported.get(fileName(index)) ?? [];
    const found = [IMPORTS, GLOBALS, PROPERTIES, ASYNC, AWAIT].filter((name) =>
      codes.some((code) => code.includes(name)),
    );
    expect(found).toEqual(rule === null ? [] : [rule]);
  });
});

function fileName(index: number): string {
  return `snippet_${index}.ts`;
}

function lint(root: string): readonly Diagnostic[] {
  const oxlint = join(ROOT, "node_modules/oxlint/bin/oxlint");
  const { stdout } = spawnSync(process.execPath, [oxlint, "--format", "json"], {
    cwd: root,
    encoding: "utf8",
  });
  return (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics;
}
