import { Command } from "commander";
import { LIMITS, NotOwnerError } from "../sdk/index.ts";
import type { Kind } from "../sdk/protocol.ts";
import { EXIT, exitCodesHelp } from "./exit_codes.ts";
import { Failure } from "./failure.ts";
import { askServer } from "./http.ts";
import { count, kindOption, withPrinting, withServer, type ServerAccess } from "./options.ts";
import { printJson, printLine } from "./output.ts";

interface RevokeOptions extends ServerAccess {
  readonly kind: Kind;
}

const HELP = `
The holder is told, \`latchwork exec\` ends its command, and the next in line has what was held in
the same step. \`latchwork inspect NAME\` shows the tokens.
${exitCodesHelp(["0", "1", "2", "69", "70", "77"])}`;

export function revokeCommand(): Command {
  const token = count({ from: 1, to: Number.MAX_SAFE_INTEGER });
  const command = new Command("revoke")
    .summary("take a lease away from whoever holds it")
    .description("Takes a lease away from whoever holds it.")
    .argument("<name>", `at most ${LIMITS.nameCharactersMax} characters`)
    .argument("<token>", "the fencing token of the lease", token)
    .addOption(kindOption())
    .addHelpText("after", HELP)
    .action(revoke);
  return withPrinting(withServer(command), "print the outcome as JSON");
}

async function revoke(name: string, token: number, options: RevokeOptions): Promise<void> {
  const { kind, json } = options;
  try {
    await askServer(options, { kind, name }, { method: "DELETE", what: `leases/${token}` });
  } catch (error) {
    if (!(error instanceof NotOwnerError)) throw error;
    throw new Failure(`Nobody holds the ${kind} ${name} with token ${token}.`, {
      exitCode: EXIT.no,
      code: "not-held",
    });
  }
  await (json
    ? printJson({ revoked: token })
    : printLine(`Revoked: the ${kind} ${name}, token ${token}.`));
}
