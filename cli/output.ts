import { painter } from "./colours.ts";
import { EXIT } from "./exit_codes.ts";
import { Failure } from "./failure.ts";

const SIGPIPE = 13;

// A write tells whoever made it; the event besides would end the program in the middle of something.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

/**
 * Writes to standard output; settles when whoever reads it has it, or the system for them.
 *
 * @throws Failure when nobody reads any more (`| head -1`): nothing is to be said about that.
 */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(new OutputClosed());
    });
  });
}

export class OutputClosed extends Failure {
  constructor() {
    super("", { exitCode: EXIT.signal + SIGPIPE, code: "output-closed" });
  }
}

export function printLine(text: string): Promise<void> {
  return print(`${text}\n`);
}

export function printJson(value: unknown): Promise<void> {
  return printLine(JSON.stringify(value));
}

/** One line on standard error, which nothing that the command prints itself is mixed up with. */
export function note(text: string): void {
  process.stderr.write(`${painter(process.stderr)("bold", "latchwork:")} ${text}\n`);
}

/** Says why the command ends as it does. */
export function complain(failure: Failure, { json }: { json?: boolean }): void {
  if (failure.message === "") return;
  if (!json) return note(painter(process.stderr)("red", failure.message));
  const { message, code, exitCode } = failure;
  process.stderr.write(`${JSON.stringify({ error: { code, message, exitCode } })}\n`);
}
