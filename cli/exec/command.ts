import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { EXIT } from "../exit_codes.ts";
import { Failure } from "../failure.ts";
import { exitCodeOf } from "../signalled.ts";
import { endFamily } from "./ending.ts";
import { readProcesses } from "./processes.ts";
import { relaySignals } from "./relay.ts";

export interface CommandOptions {
  readonly command: readonly string[];
  /** Besides what this process has. */
  readonly env: Readonly<Record<string, string>>;
  /** How long it may take to end when it is asked to, before it is killed. */
  readonly killAfterMs: number;
}

/**
 * A command that runs in this process's place: with its input, output and terminal, and with its signals.
 *
 * In the foreground of a terminal it stays in this process's group. A group, or session, of its own would take the
 * terminal from it: no password prompt of ssh or sudo, no job control in a shell, no Ctrl-Z. The terminal's signals
 * then reach it without help.
 *
 * Anywhere else (cron, CI, a service, the background) it gets a session of its own, so that every signal reaches it
 * in one way only, through this process, also where a supervisor signals a whole group; and so that all that it
 * starts can be told from what others have started.
 */
export class RunningCommand {
  readonly #ownGroup: number | null;
  readonly #killAfterMs: number;
  readonly #stopRelaying: () => void;
  /** The exit code that a shell would give it. */
  readonly exited: Promise<number>;

  /** Settles when it runs. @throws Failure when it cannot. */
  static async start({ command, env, killAfterMs }: CommandOptions): Promise<RunningCommand> {
    const [file = "", ...args] = command;
    const detached = !isInForeground();
    const child = spawn(file, args, {
      stdio: "inherit",
      env: { ...process.env, ...env },
      detached,
    });
    // In the same step: no signal is to find this process without it.
    const running = new RunningCommand(child, { detached, killAfterMs });
    try {
      await once(child, "spawn");
    } catch (error) {
      running.#stopRelaying();
      throw cannotRun(file, error as NodeJS.ErrnoException);
    }
    return running;
  }

  private constructor(
    child: ChildProcess,
    { detached, killAfterMs }: { detached: boolean; killAfterMs: number },
  ) {
    this.#killAfterMs = killAfterMs;
    this.#ownGroup = detached ? (child.pid ?? null) : null;
    this.#stopRelaying = relaySignals(child, { detached });
    this.exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.#stopRelaying();
        resolve(signal === null ? (code ?? EXIT.ok) : exitCodeOf(signal));
      });
    });
  }

  /** Ends it and all that it has started; the numbers of the processes that could not be ended. */
  end(): Promise<number[]> {
    const house = { self: process.pid, ownGroup: this.#ownGroup };
    return endFamily(house, { killAfterMs: this.#killAfterMs });
  }
}

function isInForeground(): boolean {
  try {
    return readProcesses().some(({ pid, isForeground }) => pid === process.pid && isForeground);
  } catch {
    return false;
  }
}

function cannotRun(file: string, { code, message }: NodeJS.ErrnoException): Failure {
  if (code === "ENOENT") {
    return new Failure(`${file}: command not found`, {
      exitCode: EXIT.notFound,
      code: "not-found",
    });
  }
  const why = code === "EACCES" ? "permission denied" : message;
  return new Failure(`${file}: cannot be executed: ${why}`, {
    exitCode: EXIT.notExecutable,
    code: "not-executable",
  });
}
