import { Argument, Command } from "commander";
import { withColours } from "../options.ts";
import { print } from "../output.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { shapeOf, type CommandShape } from "./shape.ts";
import { zshScript } from "./zsh.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;
type ShellName = keyof typeof SCRIPTS;

const HELP = `
  bash  eval "$(latchwork completion bash)"          in ~/.bashrc
  zsh   source <(latchwork completion zsh)           in ~/.zshrc, after compinit
  fish  latchwork completion fish | source           in ~/.config/fish/config.fish`;

export function completionCommand(program: Command): Command {
  const shells = Object.keys(SCRIPTS);
  const command = new Command("completion")
    .summary("print a script that completes this command's arguments")
    .description("Prints a script that lets a shell complete commands, options and kinds.")
    .addArgument(new Argument("<shell>", "which").choices(shells))
    .addHelpText("after", HELP)
    .action((shell: ShellName) => print(completionScript(shell, shapeOf(program))));
  return withColours(command);
}

export function completionScript(shell: ShellName, commands: readonly CommandShape[]): string {
  return SCRIPTS[shell](commands);
}
