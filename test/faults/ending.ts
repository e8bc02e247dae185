import { setTimeout as sleep } from "node:timers/promises";
import { objectPath, type Kind } from "../../sdk/protocol.ts";
import { NAMES, STREAMS } from "./reports.ts";
import type { Keeper } from "./world/keeper.ts";
import { TTL_MS_MAX, type World } from "./world/world.ts";

/** How long anybody may take once everything has healed: many times what it takes, on a slow machine. */
const PATIENCE_MS = 60_000;
const SHORT_PATIENCE_MS = 5_000;

const OBJECTS: readonly { readonly kind: Kind; readonly name: string }[] = [
  ...Object.entries(NAMES).map(([kind, name]) => ({ kind: kind as Kind, name })),
  ...STREAMS.map(({ name }) => ({ kind: "stream" as const, name })),
];

/** W5: after healing everybody comes to an end, and nothing is left behind. Returns what did not. */
export async function bringToAnEnd(
  world: World,
  keeper: Keeper,
  log: (line: string) => void,
): Promise<string[]> {
  const { members, history, referee, server } = world;
  const violations: string[] = [];
  const expect = async (what: () => string, isSo: () => boolean | Promise<boolean>) => {
    // One thing that does not come often keeps others from coming.
    const patienceMs = violations.length === 0 ? PATIENCE_MS : SHORT_PATIENCE_MS;
    if (!(await comesTrue(isSo, patienceMs))) violations.push(`after healing: ${what()}`);
  };

  await keeper.calm();
  for (const member of world.living) member.order({ order: "calm" });
  // EV2: nobody sets it any more, and whoever waited when it was set last is awake.
  const overslept = () =>
    [...history.waits.values()].filter(
      ({ isOver, knownNs, member }) =>
        !isOver && member.killedNs === null && knownNs < keeper.lastSetNs,
    );
  await expect(
    () => `${overslept().length} still wait for an event that was set`,
    () => overslept().length === 0,
  );
  // CO4: of every job somebody was told; whoever waits while there are jobs has been forgotten.
  await expect(
    () => `${referee.jobs} jobs are not taken: a wake-up was lost`,
    () => referee.jobs === 0,
  );
  log("nobody was forgotten; coming to an end");

  referee.isOver = true;
  for (const member of world.living) member.order({ order: "over" });
  await keeper.setForGood();
  const working = () => members.filter((member) => !member.hasEnded);
  const waking = (async () => {
    while (working().length > 0) {
      await keeper.wakeAll();
      await sleep(500);
    }
  })();
  await expect(
    () =>
      working()
        .map(({ seen }) => `${seen.name} is still at ${seen.pending.join(", ")}`)
        .join("; "),
    () => working().length === 0,
  );
  for (const member of working()) await member.kill();
  await waking;
  for (const member of members) {
    const code = await member.ended;
    if (member.seen.killedNs === null && code !== 0) {
      violations.push(`${member.seen.name} ended with ${String(code)}`);
    }
  }
  log("all have ended; waiting for the dead to be given up");

  // ST3: what the dead were given goes back when their TTL is over, and then the keeper has it.
  await sleep(TTL_MS_MAX * 1.5);
  const seen = history.member({ name: "keeper", ttlMs: 0 });
  for await (const item of keeper.drain()) {
    history.received(item, { member: seen, atNs: process.hrtime.bigint() });
  }
  for (const { kind, name } of OBJECTS) {
    let found = "";
    await expect(
      () => `at the ${kind} ${name} somebody is left: ${found}`,
      async () => {
        const response = await fetch(server.url + objectPath("default", kind, name));
        found = await response.text();
        return response.ok && isDeserted(JSON.parse(found) as Inspection);
      },
    );
  }
  return violations;
}

interface Inspection {
  readonly holders?: readonly unknown[];
  readonly waiters: readonly unknown[];
  readonly value?: number;
  readonly maxPermits?: number;
  readonly currentBufferUsed?: number;
}

/** SE1: and every permit is back. */
function isDeserted({ holders = [], waiters, value, maxPermits, ...rest }: Inspection): boolean {
  const isWhole = value === maxPermits && (rest.currentBufferUsed ?? 0) === 0;
  return holders.length === 0 && waiters.length === 0 && isWhole;
}

async function comesTrue(
  isSo: () => boolean | Promise<boolean>,
  patienceMs: number,
): Promise<boolean> {
  const untilMs = performance.now() + patienceMs;
  while (performance.now() < untilMs) {
    if (await isSo()) return true;
    await sleep(20);
  }
  return false;
}
