/** Runs the suite in Node, Bun or Deno: the setup is the first argument, the reports are lines of standard output. */
import { runSuite } from "../inside/run_suite.ts";
import type { Setup } from "../inside/setup.ts";

const { process } = globalThis as unknown as { process: { argv: string[] } };
const setup = JSON.parse(process.argv[2] ?? "") as Setup;
// Ends by itself, if nothing is left open. Whether it does is for the harness to see.
await runSuite(setup, (report) => console.log(JSON.stringify(report)));
