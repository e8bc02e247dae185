import { Command } from "commander";
import { LIMITS } from "../sdk/index.ts";
import { EXIT, exitCodesHelp } from "./exit_codes.ts";
import { usage } from "./failure.ts";
import { acquireLease, POLL_MS_MAX } from "./one_shot.ts";
import {
  count,
  duration,
  kindOption,
  withClient,
  withPrinting,
  type ClientAccess,
  timeoutOption,
} from "./options.ts";
import { printJson, printLine } from "./output.ts";
import { untilSignalled } from "./signalled.ts";

interface AcquireOptions extends ClientAccess {
  readonly kind: "lock" | "semaphore";
  readonly timeout?: number;
  readonly ttl?: number;
  readonly permits?: number;
  readonly take?: number;
}

const HELP = `
Prints the lease, which \`latchwork release\` and \`latchwork renew\` want to be shown:

  lease=$(latchwork acquire invoices --ttl 5m) || exit
  …
  latchwork release invoices "$lease"

It is held until it is released, or its TTL is over: no process stands behind it. Where one
can, \`latchwork exec\` is the safer way. A wait of more than ${POLL_MS_MAX / 60_000} minutes is several requests
one after the other; the place in line is kept within each, and not from one to the next.
${exitCodesHelp(["0", "2", "69", "70", "75", "77", "78", "128+n"])}`;

export function acquireCommand(): Command {
  const permits = count({ from: 1, to: LIMITS.permitsMax });
  const command = new Command("acquire")
    .summary("acquire a lease that outlives this process, for scripts")
    .description("Waits until NAME is yours, and prints a lease that outlives this process.")
    .argument("<name>", "of the lock or semaphore")
    .addOption(kindOption(["lock", "semaphore"]))
    .addOption(timeoutOption())
    .option(
      "--ttl <duration>",
      "how long it is yours, unless it is renewed (server's default: 1m)",
      duration,
    )
    .option("--permits <n>", "how many may hold NAME at once: makes it a semaphore", permits)
    .option("--take <n>", "how many of them to take, all or nothing (default: 1)", permits)
    .addHelpText("after", HELP)
    .action(acquire);
  return withPrinting(withClient(command), "print all that the server answers, as JSON");
}

async function acquire(name: string, options: AcquireOptions): Promise<void> {
  const { permits, take, timeout: timeoutMs, ttl: ttlMs } = options;
  const kind = permits === undefined ? options.kind : "semaphore";
  if (kind === "lock" && take !== undefined)
    throw usage("--take is of semaphores: add --permits or --kind semaphore.");
  const lease = await untilSignalled((signal) =>
    acquireLease(
      options,
      { kind, name },
      {
        signal,
        timeoutMs,
        ttlMs,
        ...(kind === "semaphore" ? { permits: take ?? 1 } : {}),
        ...(permits === undefined ? {} : { config: { permits } }),
      },
    ),
  );
  await (options.json ? printJson(lease) : printLine(lease.lease));
  process.exitCode = EXIT.ok;
}
