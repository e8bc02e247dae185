/** Each object class with the binding that the router finds it by; wrangler.toml says the same. */
export const OBJECT_CLASSES = {
  LockObject: "LOCKS",
  SemaphoreObject: "SEMAPHORES",
  EventObject: "EVENTS",
  ConditionObject: "CONDITIONS",
  LimiterObject: "LIMITERS",
  StreamObject: "STREAMS",
} as const;

/** The runtime's behaviour that the Worker is written for; wrangler.toml says the same. */
export const COMPATIBILITY_DATE = "2026-11-01";

/**
 * Sockets without compression: it shortens frames of a hundred bytes by little, and costs a third of the throughput
 * and two hundred kilobytes a socket. wrangler.toml says the same.
 */
export const COMPATIBILITY_FLAGS = [
  "no_web_socket_compression",
  // A caller that hangs up is told of, through to the object.
  "enable_request_signal",
  "request_signal_passthrough",
];

export const WORKER_FILE = "worker.js";
export const SOCKET = "http";
export const DISK = "disk";
/** The socket that says whose folder it is, and its file there. */
export const LOCK_SOCKET = "lock";
export const LOCK_FILE = "latchwork.sock";

/**
 * The runtime's configuration. Address and folder are given on the command line, token and openness by the
 * environment, so nothing here needs quoting, and no secret lies in a file. A class's `uniqueKey` names its folder
 * on disk: it never changes.
 */
export function runtimeConfig(): string {
  const classes = Object.entries(OBJECT_CLASSES);
  const bindings = classes.map(
    ([className, name]) => `(name = "${name}", durableObjectNamespace = "${className}"),`,
  );
  const namespaces = classes.map(
    ([className]) =>
      `(className = "${className}", uniqueKey = "latchwork-${className}", enableSql = true),`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "latchwork", worker = .latchwork),
    (name = "${DISK}", disk = (writable = true)),
  ],
  sockets = [
    (name = "${LOCK_SOCKET}", address = "unix:${LOCK_FILE}", http = (), service = "latchwork"),
    (name = "${SOCKET}", http = (), service = "latchwork"),
  ],
);

const latchwork :Workerd.Worker = (
  modules = [(name = "${WORKER_FILE}", esModule = embed "${WORKER_FILE}")],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  compatibilityFlags = ${JSON.stringify(COMPATIBILITY_FLAGS)},
  bindings = [
    (name = "LATCHWORK_TOKEN", fromEnvironment = "LATCHWORK_TOKEN"),
    (name = "LATCHWORK_OPEN", fromEnvironment = "LATCHWORK_OPEN"),
    ${bindings.join("\n    ")}
  ],
  durableObjectNamespaces = [
    ${namespaces.join("\n    ")}
  ],
  durableObjectStorage = (localDisk = "${DISK}"),
);
`;
}
