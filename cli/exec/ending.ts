import { setTimeout as sleep } from "node:timers/promises";
import { familyOf, type Household } from "./family.ts";
import { readProcesses, type ProcessInfo } from "./processes.ts";

/** How often it is looked who is left. */
const LOOK_MS = 50;
/** How long what was killed may take to be gone. */
const GONE_MS = 5_000;

/**
 * Ends a command and all that it has started: asks (SIGTERM), and kills what is left after `killAfterMs`.
 * The numbers of those that could not be ended, such as another user's.
 */
export async function endFamily(
  house: Household,
  { killAfterMs }: { killAfterMs: number },
): Promise<number[]> {
  const known = new Map<string, ProcessInfo>();
  if ((await endWith("SIGTERM", known, house, killAfterMs)).length === 0) return [];
  return endWith("SIGKILL", known, house, GONE_MS);
}

/** Sends the signal once to each, to those too that turn up only now; who is left when all are gone or the time is over. */
async function endWith(
  signal: "SIGTERM" | "SIGKILL",
  known: Map<string, ProcessInfo>,
  house: Household,
  forMs: number,
): Promise<number[]> {
  const told = new Set<string>();
  const untilMs = performance.now() + forMs;
  for (;;) {
    const left = look(known, house);
    for (const each of left) {
      if (told.has(keyOf(each))) continue;
      told.add(keyOf(each));
      send(each.pid, signal);
      // One that is stopped hears SIGTERM only when it goes on.
      if (signal === "SIGTERM") send(each.pid, "SIGCONT");
    }
    if (left.length === 0 || performance.now() >= untilMs) return left.map(({ pid }) => pid);
    await sleep(Math.min(LOOK_MS, Math.max(1, untilMs - performance.now())));
  }
}

/** Who is left of all that were ever seen: a process whose parent has just ended may no longer look like one of the family. */
function look(known: Map<string, ProcessInfo>, house: Household): ProcessInfo[] {
  const processes = readProcesses();
  for (const each of familyOf(processes, house)) known.set(keyOf(each), each);
  return processes.filter((each) => !each.isZombie && known.has(keyOf(each)));
}

function keyOf({ pid, started }: ProcessInfo): string {
  return `${pid} ${started}`;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended, or is another user's: who is left is looked at again.
  }
}
