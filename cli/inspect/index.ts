import { Command, Option } from "commander";
import { NotConfiguredError } from "../../sdk/index.ts";
import type { Kind } from "../../sdk/protocol.ts";
import { painter } from "../colours.ts";
import { exitCodesHelp } from "../exit_codes.ts";
import { usage } from "../failure.ts";
import { askServer } from "../http.ts";
import { duration, kindOption, withPrinting, withServer, type ServerAccess } from "../options.ts";
import { printJson, printLine } from "../output.ts";
import type { Inspection } from "./inspection.ts";
import { asJson, report, type Seen } from "./report.ts";
import { watch } from "./watch.ts";

export interface InspectOptions extends ServerAccess {
  readonly kind: Kind;
  readonly watch?: boolean;
  readonly interval: number;
}

const HELP = `
There is no list of all names: each is an object of its own, and none knows of the others.

--watch draws anew on a terminal; elsewhere it prints a line for each change, with --json an object.
Ctrl-C ends it, with 0.
${exitCodesHelp(["0", "2", "69", "70", "77", "78"])}`;

export function inspectCommand(): Command {
  const command = new Command("inspect")
    .summary("who holds, who waits, since when")
    .description("Shows who holds each NAME and who waits for it, in what order and since when.")
    .argument("[names...]", "of what --kind says")
    .addOption(kindOption())
    .option("-w, --watch", "go on looking, until Ctrl-C")
    .addOption(
      new Option("-n, --interval <duration>", "how often --watch looks")
        .argParser(duration)
        .default(2_000, "2s"),
    )
    .addHelpText("after", HELP)
    .action(inspect);
  return withPrinting(withServer(command), "print an object per name, as the server answers it");
}

async function inspect(names: string[], options: InspectOptions): Promise<void> {
  if (names.length === 0) {
    throw usage(
      "Say which: there is no list of all names, since each is an object of its own. latchwork inspect NAME --kind KIND",
    );
  }
  if (options.watch) return watch((signal) => look(names, options, signal), options);
  const seen = await look(names, options);
  const paint = painter(process.stdout);
  for (const [index, each] of seen.entries()) {
    if (options.json) {
      await printJson(asJson(each));
      continue;
    }
    if (index > 0) await printLine("");
    await printLine(report(each, { nowMs: Date.now(), paint }).join("\n"));
  }
  const missing = seen.find(({ inspection }) => inspection === null);
  if (missing !== undefined) {
    throw new NotConfiguredError(`Nobody has configured the ${missing.kind} ${missing.name} yet.`);
  }
}

function look(
  names: readonly string[],
  options: InspectOptions,
  signal?: AbortSignal,
): Promise<Seen[]> {
  return Promise.all(names.map((name) => lookAt(name, options, signal)));
}

async function lookAt(name: string, options: InspectOptions, signal?: AbortSignal): Promise<Seen> {
  const address = { kind: options.kind, name };
  try {
    const asked = { method: "GET", ...(signal === undefined ? {} : { signal }) } as const;
    return { ...address, inspection: (await askServer(options, address, asked)) as Inspection };
  } catch (error) {
    if (error instanceof NotConfiguredError) return { ...address, inspection: null };
    throw error;
  }
}
