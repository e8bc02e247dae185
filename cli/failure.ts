import { LatchworkError } from "../sdk/index.ts";
import { EXIT, EXIT_OF } from "./exit_codes.ts";

/** Ends the command: a line for people, and a code for the shell. */
export class Failure extends Error {
  readonly exitCode: number;
  /** For programs that read `--json`. */
  readonly code: string;

  constructor(message: string, { exitCode, code }: { exitCode: number; code: string }) {
    super(message);
    this.name = "Failure";
    this.exitCode = exitCode;
    this.code = code;
  }
}

export function usage(message: string): Failure {
  return new Failure(message, { exitCode: EXIT.usage, code: "usage" });
}

/** What an error means to the shell. @throws whatever is a mistake of this program. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof LatchworkError) {
    return new Failure(error.message, { exitCode: EXIT_OF[error.code], code: error.code });
  }
  throw error;
}
