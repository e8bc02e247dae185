/** Prints `passed failed skipped` from a file that Vitest's JSON reporter wrote: `node tools/test_counts.ts FILE`. */
import { readFileSync } from "node:fs";

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("usage: node tools/test_counts.ts FILE");
const report = JSON.parse(readFileSync(file, "utf8")) as Report;

// A file that failed outside of its tests (it did not load, a hook threw) has no failed test to show for it.
const brokenFiles = report.testResults.filter(
  ({ status, assertionResults }) =>
    status === "failed" && !assertionResults.some((result) => result.status === "failed"),
);
const failed = report.numFailedTests + brokenFiles.length;
console.log(`${report.numPassedTests} ${failed} ${report.numPendingTests + report.numTodoTests}`);
