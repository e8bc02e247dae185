import { fileURLToPath } from "node:url";
import {
  COMPATIBILITY_DATE,
  COMPATIBILITY_FLAGS,
  DISK,
  SOCKET,
  WORKER_FILE,
} from "../../server/config.ts";
import { startWorker, type BenchServer } from "../workerd.ts";

/** The bare runtime. A WebSocket at `url/NAME/MODE` reaches an object; worker.ts says which modes there are. */
export function startEcho(log: (line: string) => void): Promise<BenchServer> {
  const main = fileURLToPath(new URL("worker.ts", import.meta.url));
  return startWorker({ main, config: CONFIG }, log);
}

const CONFIG = `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "echo", worker = .echo), (name = "${DISK}", disk = (writable = true))],
  sockets = [(name = "${SOCKET}", http = (), service = "echo")],
);

const echo :Workerd.Worker = (
  modules = [(name = "${WORKER_FILE}", esModule = embed "${WORKER_FILE}")],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  compatibilityFlags = ${JSON.stringify(COMPATIBILITY_FLAGS)},
  bindings = [(name = "ECHOES", durableObjectNamespace = "Echo")],
  durableObjectNamespaces = [(className = "Echo", uniqueKey = "echo", enableSql = true)],
  durableObjectStorage = (localDisk = "${DISK}"),
);
`;
