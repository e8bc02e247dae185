import { Command, CommanderError } from "commander";
import manifest from "../package.json" with { type: "json" };
import { acquireCommand } from "./acquire.ts";
import { hasColours, painter } from "./colours.ts";
import { completionCommand } from "./completion/index.ts";
import { execCommand } from "./exec/index.ts";
import { EXIT, exitCodesHelp, MEANINGS } from "./exit_codes.ts";
import { failureOf } from "./failure.ts";
import { inspectCommand } from "./inspect/index.ts";
import { withColours } from "./options.ts";
import { complain } from "./output.ts";
import { releaseCommand, renewCommand } from "./release.ts";
import { revokeCommand } from "./revoke.ts";
import { SERVE_USAGE, serveCommand } from "./serve.ts";
import { receiveCommand } from "./stream/receive.ts";
import { resetCommand } from "./stream/reset.ts";
import { sendCommand } from "./stream/send.ts";

const HELP = `
To begin, in two terminals:
  latchwork serve ${SERVE_USAGE}
  latchwork exec --lock NAME -- COMMAND

Which server the others speak to is said by --url and --token, or LATCHWORK_URL and LATCHWORK_TOKEN.
${exitCodesHelp(Object.keys(MEANINGS).toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)))}`;

/** The whole command line, as completion and help know it. */
export function createProgram(): Command {
  const program = new Command("latchwork")
    .description("Locks, semaphores and streams for programs that do not share a machine.")
    .version(manifest.version)
    .enablePositionalOptions()
    .addHelpText("after", HELP);
  withColours(program);
  const commands = [
    serveCommand(),
    execCommand(),
    acquireCommand(),
    renewCommand(),
    releaseCommand(),
    inspectCommand(),
    revokeCommand(),
    sendCommand(),
    receiveCommand(),
    resetCommand(),
    completionCommand(program),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...commands]) dress(command);
  return program;
}

/** Carries out a command line; the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  const program = createProgram();
  try {
    await program.parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    // It has said what is wrong with the command line, or printed the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const failure = failureOf(error);
    complain(failure, { json: asksForJson(program, args) });
    return failure.exitCode;
  }
}

function dress(command: Command): void {
  const isShort = command.name() === "latchwork" || command.name() === "serve";
  const bold = (text: string): string => painter(process.stdout)("bold", text);
  command
    .exitOverride()
    .showHelpAfterError(isShort ? true : `(latchwork ${command.name()} --help says more)`)
    .configureOutput({
      getOutHasColors: () => hasColours(process.stdout),
      getErrHasColors: () => hasColours(process.stderr),
    })
    .configureHelp({ styleTitle: bold });
}

function asksForJson(program: Command, args: readonly string[]): boolean {
  const command = program.commands.find((each) => each.name() === args[0]);
  return command?.opts<{ json?: boolean }>().json === true;
}
