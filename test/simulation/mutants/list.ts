import { ALARMS } from "./alarms.ts";
import { CALLS } from "./calls.ts";
import { FOUND_MUTANTS } from "./found.ts";
import { MEMORY } from "./memory.ts";
import type { Mutant } from "./mutant.ts";
import { PRIMITIVES_MUTANTS } from "./primitives.ts";
import { SDK } from "./sdk.ts";
import { SESSIONS_MUTANTS } from "./sessions.ts";
import { STREAMS } from "./streams.ts";
import { WAITING } from "./waiting.ts";

export const MUTANTS: readonly Mutant[] = [
  ...WAITING,
  ...MEMORY,
  ...ALARMS,
  ...SESSIONS_MUTANTS,
  ...PRIMITIVES_MUTANTS,
  ...STREAMS,
  ...SDK,
  ...CALLS,
  ...FOUND_MUTANTS,
];
