import { beforeEach, describe, expect, test } from "vitest";
import { stopClock } from "./support/clock.ts";
import { limiter } from "./support/named_object.ts";
import { EVICTIONS, Scene, tell, type Step } from "./support/scene.ts";

beforeEach(stopClock);

const TIMEOUT_MS = 1_000;
const CONFIG = { totalTokens: 2 };

function asked(borrower: string): { permits: number; borrower: string; config: typeof CONFIG } {
  return { permits: 1, borrower, config: CONFIG };
}

function setsTotal(who: string, totalTokens: number): Step {
  return (s) => s.asks(`${who} sets ${totalTokens}`, "set-total", { totalTokens });
}

const STEPS: readonly Step[] = [
  (s) => s.takes("a borrows", "acquire", asked("x")),
  (s) => s.takes("a borrows more", "acquire", asked("y")),
  (s) => s.posts("b borrows", "acquire", asked("z")),
  (s) => s.posts("c borrows", "acquire", { ...asked("u"), timeoutMs: TIMEOUT_MS }),
  (s) => s.posts("d borrows", "acquire", asked("v")),
  (s) => s.asks("d borrows again", "acquire", asked("z"), "already-borrowed"),
  setsTotal("d", 1),
  (s) => s.shows({ borrowedTokens: 2, availableTokens: -1, borrowers: ["x", "y"] }),
  // What comes back does not bring it below its total yet (CL5).
  async (s) => {
    await s.asks("b gives back for y", "return", { borrower: "y" });
    await s.loses("a borrows more");
  },
  async (s) => {
    await s.passes(TIMEOUT_MS);
    await s.hears("c borrows", "timeout");
  },
  setsTotal("a", 3),
  (s) => s.isGranted("b borrows"),
  (s) => s.isGranted("d borrows"),
  (s) => s.shows({ totalTokens: 3, availableTokens: 0, borrowers: ["x", "z", "v"] }),
  (s) => s.asks("c borrows again", "acquire", { ...asked("u"), timeoutMs: 0 }, "timeout"),
  (s) => s.asks("d gives back", "release", { token: s.token("d borrows") }),
  (s) => s.asks("b gives back for v", "return", { borrower: "v" }, "not-borrowed"),
  (s) => s.asks("b gives back", "release", { token: s.token("b borrows") }),
  (s) => s.asks("a gives back", "release", { token: s.token("a borrows") }),
  (s) =>
    s.asks(
      "a states its total",
      "statistics",
      { config: CONFIG },
      {
        totalTokens: 3,
        borrowedTokens: 0,
        availableTokens: 3,
        borrowers: [],
        tasksWaiting: 0,
      },
    ),
];

describe("[CL1, CL2, CL4, CL5, W1, W4] evictions change nothing of a limiter's story:", () => {
  test.each(EVICTIONS)("sockets $webSockets, from step $from", async (evictions) => {
    const object = limiter(`${evictions.webSockets}-${evictions.from}`);
    expect(await tell(await Scene.open(object, ["a", "b", "c", "d"]), STEPS, evictions)).toEqual(
      [],
    );
    const claims = (await object.disk()).claims.filter(({ state }) => state !== "ended");
    expect(claims).toEqual([]);
  });
});
