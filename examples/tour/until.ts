import { setTimeout as sleep } from "node:timers/promises";

/** Looks again and again until it is so: the tour's actors set their scenes by what the server says, not by the clock. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(20);
}
