#!/usr/bin/env node
/** `latchwork`: what can be done from a shell. */
import { HELP, serve } from "./serve.ts";

const [command, ...args] = process.argv.slice(2);
if (command === "serve") process.exitCode = await serve(args);
else {
  console.error(HELP);
  process.exitCode = 2;
}
