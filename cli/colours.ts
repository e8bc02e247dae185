import { styleText } from "node:util";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

const switched = { off: false };

/** `--no-color`. */
export function withoutColours(): void {
  switched.off = true;
}

/** Colours are for terminals: NO_COLOR takes them away, FORCE_COLOR gives them to pipes too. */
export function hasColours(
  stream: { readonly isTTY?: boolean | undefined },
  env: NodeJS.ProcessEnv = process.env,
): boolean {
  const { NO_COLOR: no = "", FORCE_COLOR: force, TERM: term } = env;
  if (switched.off || no !== "" || force === "0" || force === "false") return false;
  if (force !== undefined) return true;
  return stream.isTTY === true && term !== "dumb";
}

/** Paints what will be printed on this stream. */
export function painter(stream: {
  readonly isTTY?: boolean;
}): (style: Style, text: string) => string {
  const isOn = hasColours(stream);
  // Whether the stream takes colours was decided above.
  return (style, text) => (isOn ? styleText(style, text, { validateStream: false }) : text);
}
