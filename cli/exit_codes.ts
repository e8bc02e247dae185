import type { ErrorCode } from "../sdk/protocol.ts";

/** What the shell is told. Where sysexits.h has a word for it, its number; for commands that cannot run, the shells' own. */
export const EXIT = {
  ok: 0,
  /** The answer is no: nobody holds that token, the server could not run. */
  no: 1,
  usage: 2,
  badData: 65,
  unavailable: 69,
  refused: 70,
  otherEndGone: 74,
  timeout: 75,
  lost: 76,
  denied: 77,
  configuration: 78,
  notExecutable: 126,
  notFound: 127,
  /** To which a signal's number is added. */
  signal: 128,
} as const;

/** As help texts tell it. */
export const MEANINGS: Readonly<Record<string, string>> = {
  "0": "done",
  "1": "no: nobody holds that token; the server could not be started",
  "2": "the command line is wrong; nothing was done",
  "65": "a line of the input is not JSON, or too large to be sent",
  "69": "the server cannot be reached, or is overloaded",
  "70": "the server refused for a reason that is not among these",
  "74": "the stream is closed, or nobody receives from it any more",
  "75": "--timeout passed first (exec: --conflict-exit-code)",
  "76": "the lease was lost; exec has ended the command",
  "77": "no valid token, or one without this right",
  "78": "the name is configured otherwise, or not at all",
  "126": "exec: the command cannot be executed",
  "127": "exec: the command was not found",
  "128+n": "ended by signal n, itself or the command",
};

/** Which fate of a call ends a command with which code. */
export const EXIT_OF: Readonly<Record<ErrorCode, number>> = {
  timeout: EXIT.timeout,
  "lease-lost": EXIT.lost,
  "not-owner": EXIT.lost,
  "over-release": EXIT.refused,
  "already-borrowed": EXIT.refused,
  "not-borrowed": EXIT.refused,
  closed: EXIT.otherEndGone,
  broken: EXIT.otherEndGone,
  "end-of-stream": EXIT.otherEndGone,
  "config-mismatch": EXIT.configuration,
  "not-configured": EXIT.configuration,
  "invalid-argument": EXIT.usage,
  "limit-exceeded": EXIT.refused,
  unauthorized: EXIT.denied,
  forbidden: EXIT.denied,
  overloaded: EXIT.unavailable,
  "connection-lost": EXIT.unavailable,
  protocol: EXIT.refused,
};

/** Codes and meanings, for the end of a help text. */
export function exitCodesHelp(codes: readonly string[], title = "Exit codes:"): string {
  const lines = codes.map((code) => `  ${code.padEnd(7)}${MEANINGS[code] ?? ""}`);
  return `\n${title}\n${lines.join("\n")}`;
}
