import type { ChildProcess } from "node:child_process";

/** What a terminal sends to everybody in its foreground. */
const OF_TERMINALS = ["SIGINT", "SIGQUIT", "SIGHUP", "SIGWINCH"] as const;
/** What somebody sends to one process. */
const OF_PEOPLE = ["SIGTERM", "SIGUSR1", "SIGUSR2", "SIGALRM"] as const;

/**
 * Passes signals on to a command; the returned function stops that.
 *
 * A command in this process's group (`detached` is false) has the terminal's signals already: this process only
 * outlives them, to tell how the command ended. Who sends one of those to this process alone is not told from a
 * terminal, so it is not passed on: twice would be worse.
 *
 * To one with a session of its own all is passed on: a keyboard's signals to its whole group, as a terminal would,
 * others to the command alone. Its group belongs to no terminal that could stop it, so Ctrl-Z is carried out here.
 */
export function relaySignals(child: ChildProcess, { detached }: { detached: boolean }): () => void {
  const handlers = new Map<NodeJS.Signals, () => void>();
  for (const signal of OF_PEOPLE) handlers.set(signal, () => child.kill(signal));
  for (const signal of OF_TERMINALS) {
    handlers.set(signal, detached ? () => toGroup(child, signal) : () => {});
  }
  if (detached) {
    // A hang-up of the terminal is for the command; what becomes of its children is its affair.
    handlers.set("SIGHUP", () => child.kill("SIGHUP"));
    handlers.set("SIGTSTP", () => {
      toGroup(child, "SIGSTOP");
      process.kill(process.pid, "SIGSTOP");
    });
    handlers.set("SIGCONT", () => toGroup(child, "SIGCONT"));
  }
  for (const [signal, handle] of handlers) process.on(signal, handle);
  return () => {
    for (const [signal, handle] of handlers) process.off(signal, handle);
  };
}

function toGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // All of it has ended.
  }
}
