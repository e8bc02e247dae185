import { Command } from "commander";
import { exitCodesHelp } from "../exit_codes.ts";
import { openClient, withClient, withPrinting, type ClientAccess } from "../options.ts";
import { printJson } from "../output.ts";
import { orAborted, untilSignalled } from "../signalled.ts";

export function resetCommand(): Command {
  const command = new Command("reset")
    .summary("make a stream that was closed for good usable again")
    .description(
      "Closes every end of STREAM and drops every item in it, whoever's they are, so that it can be used again.",
    )
    .argument("<stream>", "its name")
    .addHelpText("after", exitCodesHelp(["0", "2", "69", "70", "77", "78"]))
    .action(reset);
  return withPrinting(withClient(command), "print the outcome as JSON");
}

async function reset(name: string, options: ClientAccess): Promise<void> {
  await untilSignalled(async (signal) => {
    await using latchwork = openClient(options);
    await orAborted(latchwork.stream(name).reset(), signal);
  });
  if (options.json) await printJson({ reset: name });
}
