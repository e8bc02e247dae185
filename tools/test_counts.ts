/**
 * Prints `passed failed skipped` from a file that Vitest's JSON reporter wrote: `node tools/test_counts.ts FILE`. With
 * `--failures` behind it: what failed instead, and how, for whoever sees no more than the end of a log.
 */
import { readFileSync } from "node:fs";

interface TestResult {
  readonly status: string;
  readonly fullName: string;
  readonly failureMessages: readonly string[] | null;
}
interface FileResult {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly TestResult[];
}
interface Report {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly FileResult[];
}

/** Of one failure: a property test's counterexample may be long. */
const CHARACTERS_MAX = 4_000;

const [file, mode] = process.argv.slice(2);
if (file === undefined) throw new Error("usage: node tools/test_counts.ts FILE [--failures]");
const report = JSON.parse(readFileSync(file, "utf8")) as Report;

const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
  const failed = assertionResults.filter((result) => result.status === "failed");
  // A file that failed outside of its tests (it did not load, a hook threw) has no failed test to show for it.
  if (status === "failed" && failed.length === 0) return [`${name}\n${message}`];
  return failed.map(
    ({ fullName, failureMessages }) =>
      `${name}: ${fullName}\n${(failureMessages ?? []).join("\n")}`,
  );
});
if (mode === "--failures") {
  for (const failure of failures) console.log(`\n✗ ${failure.slice(0, CHARACTERS_MAX)}`);
} else {
  const { numPassedTests, numPendingTests, numTodoTests } = report;
  console.log(`${numPassedTests} ${failures.length} ${numPendingTests + numTodoTests}`);
}
