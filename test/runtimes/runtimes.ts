import { join } from "node:path";
import { ROOT } from "../../tools/files.ts";
import { chromiumPath, chromiumVersion, NO_CHROMIUM } from "./browser.ts";
import type { House } from "./house.ts";
import { FOLDER, versionOf } from "./install.ts";
import { pageOf, PageHost, playInPage } from "./pages.ts";
import { playInProcess, type Program } from "./processes.ts";
import type { Runtime } from "./runtime.ts";
import { playInWorker } from "./workers.ts";

/** Every runtime that the suite is to run on. */
export function runtimesIn(house: House): readonly Runtime[] {
  const { dir } = house;
  // What it needs and no more: the network, and to read the programs. Its caches stay in the folder.
  const deno = ["run", "--no-config", "--no-lock", "--allow-net=127.0.0.1", `--allow-read=${dir}`];
  const env = { DENO_DIR: join(dir, "deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
  return [
    ofPackage(house, "Node 22", { of: FOLDER, package: "node", args: [] }),
    ofPackage(house, "Node 24", { of: ROOT, package: "node", args: [] }),
    ofPackage(house, "Bun", { of: FOLDER, package: "bun", args: [] }),
    ofPackage(house, "Deno", { of: FOLDER, package: "deno", args: deno, env }),
    {
      name: "workerd",
      version: versionOf(ROOT, "workerd"),
      play: () => house.onStage("workerd", (setup) => playInWorker(dir, setup)),
    },
    inChromium(house),
  ];
}

interface InPackage extends Pick<Program, "args"> {
  /** The folder whose node_modules it is in. */
  readonly of: string;
  readonly package: string;
  readonly env?: Program["env"];
}

/** A runtime that a package's command starts. */
function ofPackage(house: House, name: string, { of, env = {}, ...rest }: InPackage): Runtime {
  const program: Program = {
    binary: join(of, "node_modules/.bin", rest.package),
    args: [...rest.args, join(house.dir, "process.js")],
    cwd: house.dir,
    env,
  };
  const play: Runtime["play"] = () => house.onStage(name, (setup) => playInProcess(program, setup));
  return { name, version: versionOf(of, rest.package), play };
}

function inChromium(house: House): Runtime {
  const name = "Chromium";
  const path = chromiumPath();
  if (path === null) return { name, version: NO_CHROMIUM, play: null };
  return {
    name,
    version: chromiumVersion(path),
    async *play() {
      const files = new Map(house.files);
      const host = new PageHost(files);
      yield* house.onStage(
        name,
        (setup) => {
          files.set("/", pageOf("/page.js", setup));
          return playInPage(path, `${setup.stageUrl}/`, host);
        },
        host.answer,
      );
    },
  };
}
