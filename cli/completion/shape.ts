import type { Command, Option } from "commander";

/** What a shell has to know of a command to complete it. */
export interface CommandShape {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionShape[];
  /** What its argument can be, where that is known. */
  readonly choices: readonly string[];
  /** Its argument is a command of the shell, with arguments of its own. */
  readonly runsCommands: boolean;
}

export interface OptionShape {
  /** With their dashes. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
  readonly isFolder: boolean;
}

/** The commands of a program, `help` among them. */
export function shapeOf(program: Command): CommandShape[] {
  const help = program.createHelp();
  return help.visibleCommands(program).map((command) => ({
    name: command.name(),
    summary: command.summary() || command.description(),
    options: help.visibleOptions(command).map(optionShape),
    choices:
      command.name() === "help"
        ? program.commands.map((each) => each.name())
        : (command.registeredArguments[0]?.argChoices ?? []),
    runsCommands: command.registeredArguments.some(
      (argument) => argument.name() === "command" && argument.variadic,
    ),
  }));
}

function optionShape(option: Option): OptionShape {
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined),
    description: option.description,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
    isFolder: option.flags.includes("<folder>"),
  };
}
