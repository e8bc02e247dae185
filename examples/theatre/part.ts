/** What a process of a play begins with: its role, a client, and a line to the director. */
import { connect, type Latchwork } from "../../sdk/index.ts";
import type { Report } from "./actor.ts";

/**
 * How long the server waits for a process that fell silent. Short, since plays kill processes and wait for what
 * follows; not shorter, since a busy machine may keep a living one from speaking for a second or two. The SDK's
 * default of 15 s is good for most programs.
 */
const SESSION_TTL_MS = 5_000;

export interface Part<Role, Said extends Report> {
  readonly role: Role;
  readonly latchwork: Latchwork;
  /** Aborted when the process is asked to end (SIGTERM). */
  readonly ending: AbortSignal;
  readonly say: (said: Said) => void;
  /** True once the director has given this order. */
  readonly wasTold: (order: string) => boolean;
  /** Settles when the director has given this order. */
  readonly told: (order: string) => Promise<void>;
}

/** The client that this process takes part with: a server and a namespace as the play says. */
export function client(name: string): Latchwork {
  const {
    LATCHWORK_URL = "http://127.0.0.1:8787",
    LATCHWORK_TOKEN,
    LATCHWORK_NAMESPACE,
  } = process.env;
  return connect(LATCHWORK_URL, {
    token: LATCHWORK_TOKEN,
    namespace: LATCHWORK_NAMESPACE,
    client: name,
    sessionTtlMs: SESSION_TTL_MS,
  });
}

/** Plays a part in this process, and lets go of everything when it is over. */
export async function act<Role extends { readonly name: string }, Said extends Report>(
  perform: (part: Part<Role, Said>) => Promise<void>,
): Promise<void> {
  const role = JSON.parse(process.argv[2] ?? "") as Role;
  const given = new Set<string>();
  const listeners = new Map<string, () => void>();
  process.on("message", (order) => {
    given.add(String(order));
    listeners.get(String(order))?.();
  });
  // Without a director there is no play.
  const abandon = (): never => process.exit(1);
  process.once("disconnect", abandon);
  const ending = new AbortController();
  process.once("SIGTERM", () => ending.abort());

  const latchwork = client(role.name);
  await perform({
    role,
    latchwork,
    ending: ending.signal,
    say: (said) => void process.send?.(said),
    wasTold: (order) => given.has(order),
    told: async (order) => {
      if (!given.has(order)) await new Promise<void>((resolve) => listeners.set(order, resolve));
    },
  });
  await latchwork.close();
  process.off("disconnect", abandon);
  process.disconnect();
}
