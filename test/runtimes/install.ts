/** Installs the runtimes that come from npm, should they not be here: `npm run test:runtimes` does it by itself. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The package that depends on them. */
export const FOLDER = import.meta.dirname;

/** The version of a package that is installed for the one in `folder`; empty if it is not. */
export function versionOf(folder: string, name: string): string {
  const file = join(folder, "node_modules", name, "package.json");
  if (!existsSync(file)) return "";
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** @throws Error when they cannot be had. */
export function installRuntimes(): void {
  const { dependencies } = JSON.parse(readFileSync(join(FOLDER, "package.json"), "utf8")) as {
    dependencies: Readonly<Record<string, string>>;
  };
  const wanted = Object.entries(dependencies);
  if (wanted.every(([name, version]) => versionOf(FOLDER, name) === version)) return;
  console.log(`Installing ${wanted.map((each) => each.join(" ")).join(", ")}: some 400 MB.`);
  const { status } = spawnSync("npm", ["ci", "--prefix", FOLDER], { stdio: "inherit" });
  if (status !== 0) throw new Error(`npm ci --prefix ${FOLDER} ended with ${status}.`);
}

if (import.meta.main) installRuntimes();
