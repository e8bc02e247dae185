/** Runs every example, one after the other: `npm run examples [-- NAME…]`. Each checks what it promises, and fails if it is not so. */
import { runExamples } from "../tools/examples.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());

const areGood = await runExamples({
  folder: import.meta.dirname,
  wanted: process.argv.slice(2),
  // This one, and the one that wants a server in another terminal (test/e2e/documents.test.ts runs it).
  except: ["index.ts", "lock.ts"],
  limitMs: 90_000,
  print: (text) => console.log(text),
  signal: stop.signal,
});
if (!areGood) process.exitCode = 1;
