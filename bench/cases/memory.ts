import { setTimeout as sleep } from "node:timers/promises";
import { startServer } from "../../server/index.ts";
import type { Case, Side } from "../case.ts";
import { openEcho } from "../echo/client.ts";
import { startEcho } from "../echo/server.ts";
import { childIds, residentBytes } from "../processes.ts";
import { RawClient } from "../raw_client.ts";
import { openMany, type Server } from "../socket.ts";

const WAITERS = 4_000;
/** What was allocated for a moment may be given back by then. */
const QUIET_MS = 1_000;

/** What a waiter that waits costs of the server's whole process, with its socket. Each figure is of a new process. */
export async function memoryCase(): Promise<Case> {
  if ((await childIds("workerd")) === null)
    throw new Error("This system has no /proc to read memory from.");
  return {
    name: "memory",
    base: perSocket("idle echo", startEcho, async (server, stack) => {
      await openMany(WAITERS, () => openEcho(server, { name: "memory", mode: "write" }, stack));
    }),
    sides: [
      perSocket("echo that has echoed once", startEcho, async (server, stack) => {
        const address = { name: "memory", mode: "write" } as const;
        const asks = await openMany(WAITERS, () => openEcho(server, address, stack));
        for (const ask of asks) await ask();
      }),
      perSocket(
        "waiter",
        (log) => startServer({ log }),
        async (server, stack) => {
          const lock = { kind: "lock", name: "bench/memory", framing: "a frame a task" } as const;
          const clients = await openMany(WAITERS, () => RawClient.open(server, lock, stack));
          const [first] = clients;
          // The first holds it. That the others are told at the end that they wait in vain is heard by nobody.
          for (const client of clients) client.acquire().catch(() => {});
          while (((await first?.tasksWaiting()) ?? WAITERS) < WAITERS - 1);
        },
      ),
    ],
    effort: { rounds: 3, warmUpMs: 0 },
    questions: [
      {
        name: "memory",
        title: `Memory per idle waiter, each on a socket of its own, ${WAITERS.toLocaleString("en")} of them`,
        unit: "kB",
        goals: [{ side: "waiter", is: "at most", limit: 1.25, of: "ratio" }],
      },
    ],
  };
}

function perSocket(
  name: string,
  start: (log: (line: string) => void) => Promise<Server & AsyncDisposable>,
  open: (server: Server, stack: AsyncDisposableStack) => Promise<void>,
): Side {
  return {
    name,
    async measure() {
      const others = new Set(await childIds("workerd"));
      await using server = await start(() => {});
      const id = (await childIds("workerd"))?.find((each) => !others.has(each));
      if (id === undefined) throw new Error("The server is no child of this process.");
      await using stack = new AsyncDisposableStack();
      const before = await residentBytes(id);
      await open(server, stack);
      await sleep(QUIET_MS);
      return [((await residentBytes(id)) - before) / WAITERS / 1_000];
    },
  };
}
