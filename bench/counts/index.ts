import { bill } from "./bill.ts";
import type { Count } from "./count.ts";
import { rowsOf } from "./rows.ts";
import { countSizes } from "./sizes.ts";
import { countWork } from "./work.ts";
export type { Count } from "./count.ts";

/** What is counted: by no clock, but for how long an object is active. */
export const COUNTS: Readonly<Record<string, (log: (line: string) => void) => Promise<Count[]>>> = {
  sizes: countSizes,
  costs: async (log) => {
    const work = await countWork(log);
    return [...rowsOf(work), bill(work)];
  },
};
