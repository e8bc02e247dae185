import { LIMITS } from "../../sdk/index.ts";
import { EXIT } from "../exit_codes.ts";
import { Failure } from "../failure.ts";

/** A line may have blanks that its item has not. */
const LINE_CHARACTERS_MAX = 2 * LIMITS.itemCharactersMax;

export interface Line {
  /** The first is 1. */
  readonly number: number;
  readonly text: string;
}

/**
 * The lines of UTF-8 text, at most one chunk ahead of whoever asks. Not with `node:readline`, which also breaks lines
 * where JSON may have a U+2028.
 *
 * @throws Failure for what is not UTF-8, and for a line that no item could be as long as.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let number = 0;
  let rest = "";
  const decode = (chunk?: Uint8Array): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw badLine(number + 1, "is not UTF-8, or one of the next lines is not");
    }
  };
  for await (const chunk of chunks) {
    const parts = (rest + decode(chunk)).split("\n");
    rest = parts.pop() ?? "";
    for (const text of parts) yield { number: (number += 1), text };
    if (rest.length > LINE_CHARACTERS_MAX)
      throw badLine(number + 1, "is longer than any item may be");
  }
  rest += decode();
  if (rest !== "") yield { number: number + 1, text: rest };
}

export function badLine(number: number, what: string): Failure {
  return new Failure(`Line ${number} ${what}`, { exitCode: EXIT.badData, code: "bad-line" });
}
