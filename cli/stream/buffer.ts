import { InvalidArgumentError, Option } from "commander";
import { count } from "../options.ts";
import { LIMITS } from "../../sdk/index.ts";

/** What the first to use a stream fixes for good. */
export function bufferOption(): Option {
  return new Option(
    "--buffer <n>",
    "how many items may wait for a receiver, or `infinity`; 0: each waits for one. Fixed by whoever uses the name first",
  ).argParser(readBuffer);
}

function readBuffer(text: string): number {
  if (text === "infinity") return Infinity;
  try {
    return count({ from: 0, to: LIMITS.bufferItemsMax })(text);
  } catch {
    throw new InvalidArgumentError("It is a whole number from 0, or infinity.");
  }
}
