import type { Case, Setting } from "../case.ts";
import { acquireCase } from "./acquire.ts";
import { connectCase } from "./connect.ts";
import { eventCase } from "./event.ts";
import { growthCase } from "./growth.ts";
import { handOverCase } from "./hand_over.ts";
import { manyNamesCase } from "./many_names.ts";
import { memoryCase } from "./memory.ts";
import { rendezvousCase } from "./rendezvous.ts";
import { streamCase } from "./stream.ts";
import { throughputCase } from "./throughput.ts";
import { wakeUpCase } from "./wake_up.ts";

/** What is timed, in the order of the table. */
export const CASES: Readonly<Record<string, (setting: Setting) => Case | Promise<Case>>> = {
  acquire: acquireCase,
  throughput: throughputCase,
  "many-names": manyNamesCase,
  "hand-over": handOverCase,
  event: eventCase,
  stream: streamCase,
  rendezvous: rendezvousCase,
  memory: memoryCase,
  "wake-up": wakeUpCase,
  growth: growthCase,
  connect: connectCase,
};
