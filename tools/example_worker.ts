import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import * as wrangler from "wrangler";

const run = promisify(execFile);

/** What is used here of a Worker's configuration. Wrangler's own types need those of packages that are not installed. */
interface Config {
  readonly compatibility_date: string;
  readonly compatibility_flags: string[];
  readonly durable_objects: {
    readonly bindings: readonly { readonly name: string; readonly class_name: string }[];
  };
}

export interface ExampleWorker {
  /** The bundle. */
  readonly script: string;
  /** Its folder, in the project where the package is installed. */
  readonly example: string;
  readonly project: string;
}

/** Starts the example Worker by its own configuration: one warehouse packs an order there, one has the wrong key. */
export async function visited({ script, example, project }: ExampleWorker): Promise<string> {
  const config: unknown = wrangler.unstable_readConfig({ config: join(example, "wrangler.jsonc") });
  const { compatibility_date, compatibility_flags, durable_objects } = config as Config;
  const objects = durable_objects.bindings.map(({ name, class_name: className }) => {
    return [name, { className, useSQLite: true }] as const;
  });
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script,
      compatibilityDate: compatibility_date,
      compatibilityFlags: compatibility_flags,
      durableObjects: Object.fromEntries(objects),
      bindings: { WAREHOUSE_KEYS: JSON.stringify({ berlin: "key-of-berlin" }) },
    }),
  );
  try {
    const { origin } = await miniflare.ready;
    const visit = (key: string): Promise<{ stdout: string }> =>
      run(process.execPath, [join(example, "warehouse.mjs"), origin, "berlin", key], {
        cwd: project,
      });
    const { stdout } = await visit("key-of-berlin");
    const [packed = "", left] = stdout.split("\n");
    const isPacked = /^Order 42 is packed by packer-1, with token \d+\.$/.test(packed);
    if (!isPacked || left !== "Order 42 leaves the house.") throw new Error(`It said: ${stdout}`);
    await turnedAway(visit("key-of-lyon"));
    return `it runs: “${packed}”`;
  } finally {
    await miniflare.dispose();
  }
}

async function turnedAway(visit: Promise<unknown>): Promise<void> {
  const said: unknown = await visit.then(
    () => "nothing",
    (error: unknown) => (error as { stderr?: unknown }).stderr,
  );
  if (typeof said === "string" && said.includes("UnauthorizedError")) return;
  throw new Error("A warehouse is let in with a key that is not its own.");
}
