import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { bundle } from "../../server/bundle.ts";
import { COMPATIBILITY_DATE, COMPATIBILITY_FLAGS, OBJECT_CLASSES } from "../../server/config.ts";
import { join } from "node:path";
import { ROOT } from "../../tools/files.ts";

/** Latchwork's Worker, open to this machine, and another Worker that is bound to it as a service. */
export interface TwoWorkers extends AsyncDisposable {
  readonly url: string;
  /** What the other Worker answers at this path. */
  ask(path: string): Promise<unknown>;
}

/** `caller` is the other's main module, a path from the root. */
export async function twoWorkers(caller: string): Promise<TwoWorkers> {
  const [latchwork, other] = await Promise.all([
    bundle(join(ROOT, "worker/index.ts")),
    bundle(join(ROOT, caller)),
  ]);
  const common = {
    modules: true as const,
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: COMPATIBILITY_FLAGS,
  };
  const objects = Object.entries(OBJECT_CLASSES).map(([className, binding]) => [
    binding,
    { className, useSQLite: true },
  ]);
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [
        {
          ...common,
          name: "latchwork",
          script: latchwork,
          bindings: { LATCHWORK_OPEN: "true" },
          durableObjects: Object.fromEntries(objects) as Record<
            string,
            { className: string; useSQLite: true }
          >,
          unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
        },
        {
          ...common,
          name: "caller",
          script: other,
          serviceBindings: { LATCHWORK: { name: "latchwork", entrypoint: "LatchworkService" } },
        },
      ],
    }),
  );
  const url = await miniflare.unsafeGetDirectURL("latchwork");
  const worker = await miniflare.getWorker("caller");
  return {
    url: url.origin,
    ask: async (path) => (await worker.fetch(`http://caller${path}`)).json(),
    [Symbol.asyncDispose]: () => miniflare.dispose(),
  };
}
