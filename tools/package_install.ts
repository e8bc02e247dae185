/**
 * Installs the package, as `npm pack` makes it, into an empty project, and uses it there: every export in Node or in
 * a Worker, its types under both kinds of resolution, the command, and the example Worker. `npm run build` comes first.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { visited } from "./example_worker.ts";
import { ROOT } from "./files.ts";

const run = promisify(execFile);
/** What a user has besides: of these the project takes what the repository has. */
const PEERS = [
  "hono",
  "typescript",
  "@cloudflare/workers-types",
  "@types/node",
  "undici-types",
  "workerd",
  "esbuild",
];
/** They need the platform's own module, which Node has not got. */
const IN_WORKERS = new Set(["latchwork/objects", "latchwork/worker"]);

const project = await mkdtemp(join(tmpdir(), "latchwork-package-"));
try {
  await install();
  const names = await exportsOf();
  await check("every export loads, and a lock is held", () => inNode(names));
  for (const resolution of ["nodenext", "bundler"]) {
    await check(`the types, by ${resolution}`, () => types(names, resolution));
  }
  await check("the command", command);
  await check("the example Worker, against what is installed", exampleWorker);
} finally {
  await rm(project, { recursive: true, force: true });
}

async function check(what: string, does: () => Promise<string>): Promise<void> {
  try {
    console.log(`ok   ${what}: ${await does()}`);
  } catch (error) {
    const {
      stdout = "",
      stderr = "",
      message,
    } = error as Error & { stdout?: string; stderr?: string };
    console.log(`FAIL ${what}\n${stdout}${stderr}${message}`);
    process.exitCode = 1;
  }
}

async function install(): Promise<void> {
  const packed = await run("npm", ["pack", "--json", "--pack-destination", project], { cwd: ROOT });
  const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
  await writeFile(join(project, "package.json"), '{ "type": "module", "private": true }\n');
  const args = [
    "install",
    "--no-audit",
    "--no-fund",
    "--omit=peer",
    "--legacy-peer-deps",
    `./${filename}`,
  ];
  await run("npm", args, { cwd: project });
  for (const peer of PEERS) {
    const to = join(project, "node_modules", peer);
    await mkdir(dirname(to), { recursive: true });
    await symlink(join(ROOT, "node_modules", peer), to);
  }
}

async function exportsOf(): Promise<string[]> {
  const file = join(project, "node_modules/latchwork/package.json");
  const { exports } = JSON.parse(await readFile(file, "utf8")) as {
    exports: Record<string, unknown>;
  };
  const names = Object.keys(exports).filter((name) => !name.endsWith(".json"));
  return names.map((name) => `latchwork${name.slice(1)}`);
}

async function inNode(names: readonly string[]): Promise<string> {
  const imports = names.filter((name) => !IN_WORKERS.has(name));
  await writeFile(
    join(project, "use.js"),
    `${imports.map((name, index) => `import * as m${index} from ${JSON.stringify(name)};`).join("\n")}
for (const each of [${imports.map((_, index) => `m${index}`).join()}]) {
  if (Object.keys(each).length === 0) throw new Error("An export exports nothing.");
}
import { connect } from "latchwork";
import { startServer } from "latchwork/server";
const server = await startServer();
const latchwork = connect(server.url);
const token = await latchwork.lock("a").run((lease) => lease.token);
await latchwork.close();
await server.stop();
if (!(token > 0)) throw new Error("The lock was granted without a token.");
console.log(${imports.length}, "exports, token", token);
`,
  );
  return (await run(process.execPath, ["use.js"], { cwd: project })).stdout.trim();
}

async function types(names: readonly string[], moduleResolution: string): Promise<string> {
  const rooms = [
    names.filter((name) => !IN_WORKERS.has(name)),
    [...IN_WORKERS, "latchwork", "latchwork/hono"],
  ];
  for (const [room, imports] of rooms.entries()) {
    const lines = imports.map(
      (name, index) =>
        `import * as m${index} from "${name}";\nexport type T${index} = keyof typeof m${index};`,
    );
    await writeFile(join(project, "types.ts"), `${lines.join("\n")}\n`);
    const lib =
      room === 0 ? ["ES2024", "ESNext.Disposable", "DOM"] : ["ES2024", "ESNext.Disposable"];
    const compilerOptions = {
      target: "es2024",
      lib,
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: room === 0 ? ["node"] : ["@cloudflare/workers-types"],
      module: moduleResolution === "bundler" ? "esnext" : moduleResolution,
      moduleResolution,
    };
    await writeFile(
      join(project, "tsconfig.json"),
      JSON.stringify({ compilerOptions, files: ["types.ts"] }),
    );
    await run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc")], { cwd: project });
  }
  return `${names.length} exports, skipLibCheck false`;
}

async function command(): Promise<string> {
  const { stdout } = await run(join(project, "node_modules/.bin/latchwork"), ["--version"]);
  return stdout.trim();
}

async function exampleWorker(): Promise<string> {
  const { build } = await import("esbuild");
  const example = join(project, "shop");
  await cp(join(ROOT, "examples/embedded_worker"), example, { recursive: true });
  // As `wrangler types` would say it.
  await writeFile(
    join(example, "worker-configuration.d.ts"),
    `/// <reference types="@cloudflare/workers-types" />
interface Env {
  SHOP_LOCKS: DurableObjectNamespace<import("latchwork/objects").LockObject>;
  SHOP_PARCELS: DurableObjectNamespace<import("latchwork/objects").StreamObject>;
  WAREHOUSE_KEYS: string;
}
declare namespace Cloudflare { interface Env { SHOP_LOCKS: DurableObjectNamespace; SHOP_PARCELS: DurableObjectNamespace; WAREHOUSE_KEYS: string } }
`,
  );
  await run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", example], {
    cwd: example,
  });
  const { outputFiles } = await build({
    entryPoints: [join(example, "src/index.ts")],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
  });
  const script = outputFiles[0]?.text ?? "";
  const said = await visited({ script, example, project });
  return `types, a bundle of ${Math.round(script.length / 1_000)} kB; ${said}`;
}
