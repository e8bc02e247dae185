/** Type-checks each part of the repository with the types of the runtime it runs in. */
import { spawn } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./files.ts";

const PROJECTS = [
  "sdk",
  "testing",
  "middleware",
  "objects",
  "worker",
  ".",
  "test/objects",
  "test/worker",
  "test/runtimes",
  "bench/echo",
];

const results = await Promise.all(PROJECTS.filter(hasSources).map(check));
for (const { project, output, code } of results) {
  console.log(`${code === 0 ? "ok  " : "FAIL"} ${project}`);
  if (output !== "") console.log(output);
}
if (results.some(({ code }) => code !== 0)) process.exitCode = 1;

function hasSources(project: string): boolean {
  const folder = join(ROOT, project);
  return (
    existsSync(join(folder, "tsconfig.json")) &&
    globSync("**/*.ts", { cwd: folder, exclude: ["node_modules"] }).length > 0
  );
}

async function check(
  project: string,
): Promise<{ project: string; output: string; code: number | null }> {
  const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
  const child = spawn(process.execPath, [compiler, "-p", project], { cwd: ROOT });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { project, output: output.trim(), code };
}
