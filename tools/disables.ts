/** Fails if a comment switches a lint rule off without saying why: `// oxlint-disable-next-line rule -- why`. */
import { unexplainedDisables } from "./disable_comments.ts";
import { readFiles } from "./files.ts";

// The tests of this very tool hold such comments as data.
const files = readFiles(["**/*.ts"]).filter(({ path }) => !path.startsWith("test/tools/"));
const findings = files.flatMap(unexplainedDisables);
for (const finding of findings) console.error(`${finding}  (say why: "-- reason")`);
if (findings.length > 0) process.exitCode = 1;
