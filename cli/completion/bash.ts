import type { CommandShape } from "./shape.ts";

/** For bash 3.2 and later: that of macOS has neither `mapfile` nor `compopt`. */
export function bashScript(commands: readonly CommandShape[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  return `# latchwork completion for bash: eval "$(latchwork completion bash)"
_latchwork() {
  local IFS=$' \\t\\n'
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} index
  # In --option=value, = is a word of its own.
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "${names} --help --version" -- "$cur"))
    return
  fi
  case \${COMP_WORDS[1]} in
${commands.map(bashCase).join("\n")}
  esac
}
complete -F _latchwork latchwork
`;
}

function bashCase({ name, options, choices, runsCommands }: CommandShape): string {
  const values = options
    .filter(({ takesValue }) => takesValue)
    .map(({ flags, choices, isFolder }) => {
      const words = isFolder ? `-d` : `-W "${choices.join(" ")}"`;
      return `        ${flags.join("|")}) COMPREPLY=($(compgen ${words} -- "$cur")); return ;;`;
    });
  const behind = `      for ((index = 2; index < COMP_CWORD; index++)); do
        if [[ \${COMP_WORDS[index]} == -- ]]; then
          if ((index == COMP_CWORD - 1)); then COMPREPLY=($(compgen -c -- "$cur"))
          else COMPREPLY=($(compgen -f -- "$cur")); fi
          return
        fi
      done`;
  const flags = options.flatMap(({ flags }) => flags).join(" ");
  return [
    `    ${name})`,
    ...(runsCommands ? [behind] : []),
    `      case $prev in`,
    ...values,
    `      esac`,
    `      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "${flags}" -- "$cur"))`,
    `      else COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$cur")); fi`,
    `      ;;`,
  ].join("\n");
}
