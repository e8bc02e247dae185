/** Runs the simulation of the copy that it stands in, and prints what each run found, a line of JSON each. */
import { parseArgs } from "node:util";
import { KINDS, type Kind } from "../../../sdk/protocol.ts";
import { runOnce } from "../run.ts";
import type { Fault } from "../world/faults.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "200" },
    kinds: { type: "string", default: KINDS.join() },
    faults: { type: "string", default: "" },
    often: { type: "string", default: "1" },
    callers: { type: "string", default: "0" },
    stop: { type: "boolean", default: false },
  },
});
const first = Number(values.seed);
const kinds = values.kinds.split(",") as Kind[];
const faults =
  values.faults === "" ? undefined : new Set(values.faults.split(",") as readonly Fault[]);
const often = Number(values.often);
const callers = Number(values.callers);
for (let seed = first; seed < first + Number(values.runs); seed += 1) {
  const { kind, violations } = await runOnce({ seed, kinds, faults, often, callers });
  console.log(JSON.stringify({ seed, kind, violation: violations[0] ?? null }));
  if (values.stop && violations.length > 0) break;
}
