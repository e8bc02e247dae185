import type { CommandShape, OptionShape } from "./shape.ts";

export function zshScript(commands: readonly CommandShape[]): string {
  const described = commands.map(({ name, summary }) => quoted(`${name}:${escaped(summary)}`));
  return `#compdef latchwork
# latchwork completion for zsh: source <(latchwork completion zsh)
_latchwork() {
  if ((CURRENT == 2)); then
    local -a commands=(
${described.map((each) => `      ${each}`).join("\n")}
    )
    _describe command commands
    return
  fi
  case \${words[2]} in
${commands.map(zshCase).join("\n")}
  esac
}
# Autoloaded it is this file; sourced it has to say so.
if [[ \${funcstack[1]} == _latchwork ]]; then _latchwork "$@"; else compdef _latchwork latchwork; fi
`;
}

function zshCase({ name, options, choices, runsCommands }: CommandShape): string {
  const rest = runsCommands
    ? `'*::command:_normal'`
    : quoted(`*:argument:${choices.length > 0 ? `(${choices.join(" ")})` : " "}`);
  const specs = [...options.flatMap(zshOptions), rest];
  return [
    `    ${name})`,
    `      shift words; ((CURRENT--))`,
    `      _arguments \\`,
    specs.map((spec) => `        ${spec}`).join(" \\\n"),
    `      ;;`,
  ].join("\n");
}

function zshOptions({ flags, description, takesValue, choices, isFolder }: OptionShape): string[] {
  const action = isFolder ? "_files -/" : choices.length > 0 ? `(${choices.join(" ")})` : " ";
  const value = takesValue ? `:value:${action}` : "";
  return flags.map((flag) => quoted(`${flag}[${escaped(description)}]${value}`));
}

/** In a description these have a meaning. */
function escaped(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, (character) => `\\${character}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
