import { text } from "node:stream/consumers";
import { Command } from "commander";
import { exitCodesHelp } from "./exit_codes.ts";
import { usage } from "./failure.ts";
import { releaseLease, renewLease } from "./one_shot.ts";
import { duration, kindOption, withPrinting, withServer, type ServerAccess } from "./options.ts";
import { printJson, printLine } from "./output.ts";

interface ReleaseOptions extends ServerAccess {
  readonly kind: "lock" | "semaphore";
}
interface RenewOptions extends ReleaseOptions {
  readonly ttl?: number;
}

const CODES = exitCodesHelp(["0", "2", "69", "70", "76", "77"]);
const LEASE = "as `latchwork acquire` printed it; - reads it from standard input";

export function releaseCommand(): Command {
  const command = new Command("release")
    .summary("give back what acquire acquired")
    .description("Gives a lease back; whoever is next in line has it in the same step.")
    .argument("<name>", "of the lock or semaphore")
    .argument("<lease>", LEASE)
    .addOption(kindOption(["lock", "semaphore"]))
    .addHelpText("after", CODES)
    .action(release);
  return withPrinting(withServer(command), "print the outcome as JSON");
}

export function renewCommand(): Command {
  const command = new Command("renew")
    .summary("make what acquire acquired last longer")
    .description("Makes a lease last for its TTL from now on, and says until when.")
    .argument("<name>", "of the lock or semaphore")
    .argument("<lease>", LEASE)
    .addOption(kindOption(["lock", "semaphore"]))
    .option("--ttl <duration>", "another TTL than it had", duration)
    .addHelpText("after", CODES)
    .action(renew);
  return withPrinting(withServer(command), "print all that the server answers, as JSON");
}

async function release(name: string, given: string, options: ReleaseOptions): Promise<void> {
  const { kind } = options;
  await releaseLease(options, { kind, name }, await readLease(given));
  if (options.json) await printJson({ released: true });
}

async function renew(name: string, given: string, options: RenewOptions): Promise<void> {
  const { kind, ttl: ttlMs } = options;
  const renewal = { lease: await readLease(given), ttlMs };
  const renewed = await renewLease(options, { kind, name }, renewal);
  if (options.json) return printJson(renewed);
  await printLine(new Date(renewed.expiresAtMs).toISOString());
}

async function readLease(given: string): Promise<string> {
  const lease = given === "-" ? (await text(process.stdin)).trim() : given;
  if (lease === "") throw usage("The lease is empty: give what `latchwork acquire` printed.");
  return lease;
}
