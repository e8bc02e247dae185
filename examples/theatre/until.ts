import { setTimeout as sleep } from "node:timers/promises";

/** Looks again and again until it is so: plays set their scenes by what there is to see, not by the clock. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(20);
}
