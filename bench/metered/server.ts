import { fileURLToPath } from "node:url";
import { runtimeConfig } from "../../server/config.ts";
import { startWorker, type BenchServer } from "../workerd.ts";

/** Latchwork with a meter: `url/metered` says what was counted since it started. */
export function startMetered(log: (line: string) => void): Promise<BenchServer> {
  const main = fileURLToPath(new URL("worker.ts", import.meta.url));
  const env = { LATCHWORK_TOKEN: "", LATCHWORK_OPEN: "true" };
  return startWorker({ main, config: runtimeConfig(), env }, log);
}
