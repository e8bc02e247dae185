import type { HeldCondition } from "../../../sdk/index.ts";
import { NAMES, type Answer } from "../reports.ts";
import { giveBack } from "./holders.ts";
import type { Station } from "./station.ts";

const PLACE = { place: "condition" } as const;

/** Makers put jobs into the parent's heap and notify; takers wait until there is one. */
export async function conditionTask(station: Station): Promise<void> {
  const condition = station.latchwork.condition(NAMES.condition);
  const isMaker = station.role.side === "even";
  while (!(isMaker ? station.isCalm : station.isOver)) {
    // So seldom that takers wait for most jobs, and nobody comes by chance upon one that was forgotten.
    await station.pause(isMaker ? 200 : 30);
    if (isMaker && station.isResting) continue;
    const got = await station.attempt("condition.acquire", () => condition.acquire());
    if ("error" in got) continue;
    await (isMaker ? make(station, got.value) : take(station, got.value));
    if (!got.value.signal.aborted) await giveBack(station, got.value);
  }
}

/** Notifies first: so there is no job of which nobody was told, wherever this process ends. */
async function make(station: Station, held: HeldCondition): Promise<void> {
  await station.inside(PLACE, held, async (turn) => {
    if (station.isResting || station.isCalm) return;
    const told = await station.attempt("notify", () => held.notify(1));
    if ("error" in told || held.signal.aborted) return;
    await station.ask({ about: "put", turn, token: held.token });
  });
}

/** One job, however long that takes; or none, if the lock is lost meanwhile. */
async function take(station: Station, held: HeldCondition): Promise<void> {
  for (let woken = false; !held.signal.aborted; woken = true) {
    const found: { answer: Answer } = { answer: "refused" };
    await station.inside(PLACE, held, async (turn) => {
      await station.pause(30);
      if (held.signal.aborted) return;
      found.answer = await station.ask({ about: "take", turn, token: held.token, woken });
    });
    if (found.answer !== "none" || held.signal.aborted) return;
    const waited = await station.attempt("condition.wait", () => held.wait());
    if ("error" in waited) return;
  }
}
