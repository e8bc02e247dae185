import { setTimeout as sleep } from "node:timers/promises";
import type { Server } from "../socket.ts";

/** What one time of some work takes of what is billed. */
export interface Tally {
  readonly rowsWritten: number;
  readonly rowsRead: number;
  /** A `setAlarm` is billed as a written row; it is lazy, so it is counted apart. */
  readonly alarmsSet: number;
  readonly alarmsRun: number;
  /** Messages that wake the object, and those that the platform answers for it. */
  readonly messages: number;
  readonly framesSent: number;
  /** Free of charge, and what takes the time. */
  readonly commits: number;
  /** From the first call to the last answer, the client's own time too: the object was active for less. */
  readonly activeMs: number;
}

type Metered = Omit<Tally, "activeMs">;

/** What is said without waiting for an answer has arrived by then. */
const QUIET_MS = 100;

/** Does the work so many times, one after the other, and tells what each took. The first time is not counted. */
export async function tallyOf(
  server: Server,
  times: number,
  work: () => Promise<unknown>,
): Promise<Tally> {
  await work();
  await sleep(QUIET_MS);
  const before = await read(server);
  const startedAtMs = performance.now();
  for (let time = 0; time < times; time += 1) await work();
  const activeMs = performance.now() - startedAtMs;
  await sleep(QUIET_MS);
  const after = await read(server);
  const each = (name: keyof Metered): number => (after[name] - before[name]) / times;
  return {
    rowsWritten: each("rowsWritten"),
    rowsRead: each("rowsRead"),
    alarmsSet: each("alarmsSet"),
    alarmsRun: each("alarmsRun"),
    messages: each("messages"),
    framesSent: each("framesSent"),
    commits: each("commits"),
    activeMs: activeMs / times,
  };
}

async function read({ url }: Server): Promise<Metered> {
  const response = await fetch(`${url}/metered`);
  return (await response.json()) as Metered;
}
