import { TimeoutError, type Latchwork, type Lease, type LeaseLostError } from "../../sdk/index.ts";
import type { Kind } from "../../sdk/protocol.ts";
import { EXIT } from "../exit_codes.ts";
import { Failure } from "../failure.ts";
import { openClient, type ClientAccess } from "../options.ts";
import { complain, note } from "../output.ts";
import { untilSignalled } from "../signalled.ts";
import { RunningCommand } from "./command.ts";
import { patiently } from "./patience.ts";

export interface ExecOptions extends ClientAccess {
  readonly lock?: string;
  readonly semaphore?: string;
  readonly permits?: number;
  readonly maxPermits?: number;
  readonly take?: number;
  readonly timeout?: number;
  readonly ttl?: number;
  readonly killAfter: number;
  readonly conflictExitCode: number;
  readonly verbose?: boolean;
}

/** What is held while the command runs. */
export interface Target {
  readonly kind: Extract<Kind, "lock" | "semaphore">;
  readonly name: string;
}

/** Holds the target while the command runs; the exit code. */
export function holdWhile(
  target: Target,
  command: readonly string[],
  options: ExecOptions,
): Promise<number> {
  // Its signals are this process's from now on; `RunningCommand` passes them on as soon as there is a command.
  return untilSignalled(async (signal) => {
    await using latchwork = openClient(options, { ttlMs: options.ttl });
    const lease = await acquire(latchwork, target, { ...options, signal });
    if (options.verbose)
      tell(
        options,
        { event: "acquired", token: lease.token },
        `${nameOf(target)} is held, token ${lease.token}.`,
      );
    signal.throwIfAborted();
    const running = await RunningCommand.start({
      command,
      killAfterMs: options.killAfter,
      env: { LATCHWORK_LOCK: target.name, LATCHWORK_LEASE_TOKEN: String(lease.token) },
    });
    const ended = await Promise.race([running.exited, lossOf(lease)]);
    if (typeof ended === "number") return ended;
    return await endBecause(ended, running, { target, options });
  });
}

async function acquire(
  latchwork: Latchwork,
  target: Target,
  options: ExecOptions & { signal: AbortSignal },
): Promise<Lease> {
  const { timeout: timeoutMs, signal, permits, maxPermits, take } = options;
  const wait = { timeoutMs, signal };
  try {
    return await patiently(target, options, () =>
      target.kind === "lock"
        ? latchwork.lock(target.name).acquire(wait)
        : latchwork
            .semaphore(target.name, { permits, maxPermits })
            .acquire({ ...wait, permits: take }),
    );
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    throw new Failure(`${nameOf(target)} was not to be had in time; the command was not run.`, {
      exitCode: options.conflictExitCode,
      code: "timeout",
    });
  }
}

/** Resolves when the lease is lost. */
function lossOf({ signal }: Lease): Promise<LeaseLostError> {
  return new Promise((resolve) => {
    const lost = (): void => resolve(signal.reason as LeaseLostError);
    if (signal.aborted) lost();
    else signal.addEventListener("abort", lost);
  });
}

async function endBecause(
  loss: LeaseLostError,
  running: RunningCommand,
  { target, options }: { target: Target; options: ExecOptions },
): Promise<number> {
  const failure = new Failure(
    `${nameOf(target)} was lost (${loss.reason}): the command is being ended.`,
    { exitCode: EXIT.lost, code: "lease-lost" },
  );
  complain(failure, options);
  const left = await running.end();
  if (left.length > 0) {
    tell(options, { event: "left", pids: left }, `Could not be ended: process ${left.join(", ")}.`);
  }
  return failure.exitCode;
}

/** On standard error: standard output is the command's. */
function tell({ json }: { json?: boolean }, event: object, text: string): void {
  if (json) process.stderr.write(`${JSON.stringify(event)}\n`);
  else note(text);
}

export function nameOf({ kind, name }: Target): string {
  return `The ${kind} ${name}`;
}
