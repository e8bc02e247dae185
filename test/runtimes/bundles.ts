import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { ROOT } from "../../tools/files.ts";

const SOURCE = join(ROOT, "sdk/index.ts");

/** The SDK of the package that was built last, as its `exports` name it: what users install. */
export async function builtSdk(): Promise<string> {
  const { exports } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as {
    exports: { ".": { default: string } };
  };
  return join(ROOT, exports["."].default);
}

/**
 * A program for a runtime, as one module, with `sdk` for the SDK that it imports. Syntax that not all of them have
 * is compiled away.
 *
 * @throws Error where anything of sdk/ has found its way into it beside that.
 */
export async function bundleFor(program: string, sdk: string): Promise<string> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [program],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2022",
    plugins: [withSdk(sdk)],
  });
  const stray = Object.keys(metafile.inputs).find((input) => input.startsWith("sdk/"));
  if (stray !== undefined && sdk !== SOURCE) throw new Error(`${program} bundles ${stray}.`);
  return outputFiles[0]?.text ?? "";
}

/** `await using` as it is written, for those who can read it. */
export async function nativeUsingModule(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, "test/runtimes/run_on/native_using.ts")],
    write: false,
    format: "esm",
    target: "esnext",
  });
  const code = outputFiles[0]?.text ?? "";
  if (!code.includes("await using")) throw new Error("`await using` was compiled away.");
  return code;
}

/** The repository's SDK as one module. */
export function bundleSdk(): Promise<string> {
  return bundleFor(SOURCE, SOURCE);
}

/** Puts `sdk` in the place of whatever imports the SDK, by its path or by the package's name. */
function withSdk(sdk: string): Plugin {
  return {
    name: "the SDK",
    setup(build) {
      build.onResolve({ filter: /^latchwork$/ }, () => ({ path: sdk }));
      build.onResolve({ filter: /sdk\/index\.ts$/ }, ({ path, resolveDir }) =>
        join(resolveDir, path) === SOURCE ? { path: sdk } : null,
      );
    },
  };
}
