import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "../../server/index.ts";
import { ROOT } from "../../tools/files.ts";
import { builtSdk, bundleFor, nativeUsingModule } from "./bundles.ts";
import type { Report, Setup } from "./inside/setup.ts";
import { Stage, type Answer } from "./stage.ts";

const TOKEN = "of-the-guarded-server";
const PROGRAMS = ["process", "worker", "page"] as const;

/** What all runtimes share: two servers, and a folder with the programs that they run. */
export interface House {
  readonly dir: string;
  /** The programs by their paths in a page. */
  readonly files: ReadonlyMap<string, string>;
  /** Runs something on a stage of its own, in a namespace of its own. */
  onStage(
    runtime: string,
    play: (setup: Setup) => AsyncGenerator<Report>,
    answer?: Answer,
  ): AsyncGenerator<Report>;
}

/** It lasts for as long as `stack`. */
export async function openHouse(stack: AsyncDisposableStack): Promise<House> {
  const dir = await mkdtemp(join(tmpdir(), "latchwork-runtimes-"));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const files = await writePrograms(dir);
  const open = stack.use(await startServer());
  const guarded = stack.use(await startServer({ token: TOKEN }));
  return {
    dir,
    files,
    async *onStage(runtime, play, answer) {
      await using stage = await Stage.open(open.port, answer);
      yield* play({
        namespace: runtime.toLowerCase().replaceAll(" ", "-"),
        serverUrl: open.url,
        roadUrl: stage.roadUrl,
        guardedUrl: guarded.url,
        token: TOKEN,
        stageUrl: stage.url,
        ownUrl: null,
      });
    },
  };
}

/** The suite for each kind of runtime, with the SDK of the package. */
async function writePrograms(dir: string): Promise<ReadonlyMap<string, string>> {
  const sdk = await builtSdk();
  const files = new Map([["/native_using.js", await nativeUsingModule()]]);
  for (const name of PROGRAMS) {
    const main = join(ROOT, `test/runtimes/run_on/${name}.ts`);
    files.set(`/${name}.js`, await bundleFor(main, sdk));
  }
  await writeFile(join(dir, "package.json"), '{ "type": "module" }\n');
  for (const [path, text] of files) await writeFile(join(dir, path), text);
  return files;
}
