import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { COMPATIBILITY_DATE } from "../../server/config.ts";
import { Runtime } from "../../server/runtime.ts";
import type { Report, Setup } from "./inside/setup.ts";
import { failure, RUN_MS_MAX, TO_THE_END } from "./runtime.ts";

const SOCKET = "http";

/** A Worker that may call addresses of this machine, as it needs to. */
const CONFIG = `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "suite", worker = .suite),
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [(name = "${SOCKET}", address = "127.0.0.1:0", http = (), service = "suite")],
);

const suite :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "native_using.js", esModule = embed "native_using.js"),
  ],
  compatibilityDate = "${COMPATIBILITY_DATE}",
);
`;

/** Runs the suite in a Worker on bare workerd. `dir` has its modules. */
export async function* playInWorker(dir: string, setup: Setup): AsyncGenerator<Report> {
  const config = join(dir, "suite.capnp");
  await writeFile(config, CONFIG);
  const said: string[] = [];
  const log = (line: string): void => void said.push(line);
  const runtime = new Runtime({ cwd: dir, args: ["serve", config], socket: SOCKET, env: {}, log });
  try {
    const port = await runtime.listening;
    if (port === null) {
      yield failure(TO_THE_END, `workerd did not start:\n${runtime.lastWords}`);
      return;
    }
    const ownUrl = `http://127.0.0.1:${port}`;
    let isDone = false;
    for await (const report of reportsFrom(ownUrl, { ...setup, ownUrl })) {
      isDone ||= report.kind === "done";
      yield report;
    }
    if (!isDone) yield failure(TO_THE_END, `The response ended early.\n${said.join("\n")}`);
  } catch (error) {
    yield failure(TO_THE_END, `${String(error)}\n${said.join("\n")}`);
  } finally {
    await runtime.stop();
  }
}

async function* reportsFrom(ownUrl: string, setup: Setup): AsyncGenerator<Report> {
  const response = await fetch(`${ownUrl}/suite`, {
    method: "POST",
    body: JSON.stringify(setup),
    signal: AbortSignal.timeout(RUN_MS_MAX),
  });
  if (response.body === null || !response.ok) throw new Error(await response.text());
  const lines = createInterface({ input: Readable.fromWeb(response.body as ReadableStream) });
  for await (const line of lines) yield JSON.parse(line) as Report;
}
