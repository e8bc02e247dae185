import { NAMES } from "../reports.ts";
import type { Station } from "./station.ts";

/** Waits, again and again, and says when the server is known to know of it. The parent sets and clears. */
export async function eventTask(station: Station): Promise<void> {
  const event = station.latchwork.event(NAMES.event);
  for (let wait = 1; !station.isOver; wait += 1) {
    await station.pause(50);
    const state = { isWaiting: true };
    const waiting = station.attempt("event.wait", () => event.wait());
    // Asked for later on the same connection, so answered after the wait has come.
    const looking = station
      .attempt("event.statistics", () => event.statistics())
      .then((looked) => {
        if ("error" in looked || !state.isWaiting) return;
        return station.say({ what: "waits", wait, atNs: process.hrtime.bigint() });
      });
    await waiting;
    state.isWaiting = false;
    await looking;
    await station.say({ what: "waits-no-more", wait });
  }
}
