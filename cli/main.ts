#!/usr/bin/env node
/** `latchwork`: what can be done from a shell. */
import { run } from "./program.ts";

// At once: a socket that says goodbye, or an open standard input, would keep the shell waiting for nothing.
process.exit(await run(process.argv.slice(2)));
