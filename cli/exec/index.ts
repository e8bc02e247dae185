import { Command, Option } from "commander";
import { LIMITS } from "../../sdk/index.ts";
import { EXIT, exitCodesHelp } from "../exit_codes.ts";
import { usage } from "../failure.ts";
import { count, duration, withClient, withPrinting, timeoutOption } from "../options.ts";
import { holdWhile, type ExecOptions, type Target } from "./exec.ts";

const HELP = `
COMMAND finds in its environment
  LATCHWORK_LEASE_TOKEN  the fencing token: let what is guarded refuse a smaller one than it has seen
  LATCHWORK_LOCK         the name

Examples:
  latchwork exec --lock nightly-report --timeout 0 -- ./report.sh
  latchwork exec --lock gpu --permits 2 -- python train.py

${exitCodesHelp(
  ["2", "69", "70", "75", "76", "77", "78", "126", "127", "128+n"],
  "The exit code is COMMAND's, or, with a line on standard error that says why:",
).trimStart()}`;

export function execCommand(): Command {
  const permits = count({ from: 1, to: LIMITS.permitsMax });
  const command = new Command("exec")
    .usage("(--lock NAME | --semaphore NAME) [options] [--] COMMAND [ARGUMENTS…]")
    .summary("run a command while a lock is held")
    .description(
      "Waits for its turn, runs COMMAND, and gives back what it held when COMMAND has ended. If it is lost meanwhile, COMMAND and all that it has started are ended.",
    )
    .argument("<command...>", "what to run, and its arguments")
    .passThroughOptions()
    .addOption(new Option("--lock <name>", "hold this lock").conflicts("semaphore"))
    .option("--semaphore <name>", "hold permits of this semaphore")
    .option("--permits <n>", "how many may hold the name at once: makes it a semaphore", permits)
    .option(
      "--max-permits <n>",
      "the most permits it can ever have, if it was made with that",
      permits,
    )
    .option("--take <n>", "how many permits to take, all or nothing (default: 1)", permits)
    .addOption(timeoutOption())
    .option(
      "--ttl <duration>",
      "how long the server keeps what a silent holder has (default: 15s)",
      duration,
    )
    .addOption(
      new Option(
        "--kill-after <duration>",
        "how long COMMAND may take to end when the lease is lost",
      )
        .argParser(duration)
        .default(10_000, "10s"),
    )
    .addOption(
      new Option("-E, --conflict-exit-code <code>", "instead of 75, when --timeout passed first")
        .argParser(count({ from: 0, to: 255 }))
        .default(EXIT.timeout),
    )
    .option("-v, --verbose", "say on standard error what is waited for, and what is held")
    .addHelpText("after", HELP)
    .action(async (words: string[], options: ExecOptions) => {
      process.exitCode = await holdWhile(targetOf(options), words, options);
    });
  return withPrinting(withClient(command), "what this command says on standard error is JSON");
}

function targetOf({ lock, semaphore, permits, maxPermits, take }: ExecOptions): Target {
  const name = lock ?? semaphore;
  if (name === undefined) throw usage("Say what to hold: --lock NAME, or --semaphore NAME.");
  if (maxPermits !== undefined && permits === undefined) {
    throw usage("--max-permits goes with --permits.");
  }
  if (semaphore !== undefined || permits !== undefined) return { kind: "semaphore", name };
  if (take !== undefined) throw usage("--take goes with --permits, or --semaphore NAME.");
  return { kind: "lock", name };
}
