import type { CommandShape, OptionShape } from "./shape.ts";

export function fishScript(commands: readonly CommandShape[]): string {
  const lines = [
    "# latchwork completion for fish: latchwork completion fish | source",
    "complete -c latchwork -f",
    ...commands.map(
      ({ name, summary }) =>
        `complete -c latchwork -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
    ),
    ...commands.flatMap(fishCommand),
  ];
  return `${lines.join("\n")}\n`;
}

function fishCommand({ name, options, choices, runsCommands }: CommandShape): string[] {
  const when = `complete -c latchwork -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
  return [
    ...options.map((option) => `${when} ${fishOption(option)}`),
    ...(choices.length > 0 ? [`${when} -a ${quoted(choices.join(" "))}`] : []),
    ...(runsCommands ? [`${when} -a '(__fish_complete_subcommand --fcs-skip=2)'`] : []),
  ];
}

function fishOption({ flags, description, takesValue, choices, isFolder }: OptionShape): string {
  const names = flags.map((flag) => flag.replace(/^--/, "-l ").replace(/^-(?!l )/, "-s "));
  const value = isFolder
    ? ["-r -a '(__fish_complete_directories)'"]
    : choices.length > 0
      ? [`-x -a ${quoted(choices.join(" "))}`]
      : takesValue
        ? ["-x"]
        : [];
  return [...names, ...value, `-d ${quoted(description)}`].join(" ");
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, (character) => `\\${character}`)}'`;
}
