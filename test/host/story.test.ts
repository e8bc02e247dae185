import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { earliestDueMs } from "../support/due.ts";
import { anySteps, HostStory, type Step } from "../support/host_story.ts";
import { TTL_MS, type HostWorld } from "../support/host_world.ts";

/** `check` sees the story after each step; what it returns is given to it after the next. */
function afterAnyStep<Memory>(
  first: Memory,
  check: (story: HostStory, before: Memory) => Memory,
): void {
  tellAny((story, steps) => {
    let memory = first;
    for (const step of steps) {
      story.take(step);
      memory = check(story, memory);
    }
  });
}

function tellAny(tell: (story: HostStory, steps: Step[]) => void): void {
  fc.assert(
    fc.property(anySteps, (steps) => tell(new HostStory(), steps)),
    { numRuns: 400 },
  );
}

/** Sessions by the tokens that they hold. */
function heldIn({ store }: HostWorld): Map<number, string> {
  const held = new Map<number, string>();
  for (const claim of store.claims.values()) {
    if (claim.state === "held") held.set(claim.token, claim.session);
  }
  return held;
}

describe("a host, whatever clients ask and the world does,", () => {
  it("[LK1, LK2] has one holder, and none only if nobody waits", () => {
    afterAnyStep(null, ({ world }) => {
      const claims = [...world.store.claims.values()];
      const heldCount = claims.filter(({ state }) => state === "held").length;
      expect(heldCount).toBe(claims.length > 0 ? 1 : 0);
      return null;
    });
  });

  it("[W5] keeps nothing for a session that is over, and no session but for a client that may come back", () => {
    afterAnyStep(null, ({ world }) => {
      const { sessions, claims } = world.store;
      for (const { session } of claims.values()) expect(sessions.has(session)).toBe(true);
      const connected = new Set(Array.from(world.sockets, (socket) => socket.hello.session));
      for (const { id, expiresAtMs } of sessions.values()) {
        if (!world.isWritten || expiresAtMs !== null) continue;
        expect(connected.has(id)).toBe(true);
      }
      return null;
    });
  });

  it("[LE2] grants no token that is not greater than all before", () => {
    afterAnyStep(0, ({ world }, before) => {
      const { lastToken } = world.store.load();
      expect(lastToken).toBeGreaterThanOrEqual(before);
      for (const token of heldIn(world).keys()) expect(token).toBe(lastToken);
      return lastToken;
    });
  });

  it("[LE5] tells no client twice of one grant, nor of one request", () => {
    afterAnyStep(null, ({ told }) => {
      expect(new Set(told).size).toBe(told.length);
      return null;
    });
  });

  it("[LE1] takes nothing from a client that was heard within its TTL and did not give it up", () => {
    tellAny((story, steps) => {
      let held: ReadonlyMap<number, string> = new Map();
      const gaveUp = new Set<string>();
      for (const step of steps) {
        const [holder] = held.values();
        const heardAtMs = holder === undefined ? 0 : story.heardAtMs(holder);
        story.take(step);
        for (const session of story.gaveUp) gaveUp.add(session);
        story.take({ do: "end turn" });
        const now = heldIn(story.world);
        for (const [token, session] of held) {
          if (now.has(token) || gaveUp.has(session)) continue;
          expect(story.world.nowMs - heardAtMs).toBeGreaterThanOrEqual(TTL_MS);
        }
        held = now;
      }
    });
  });

  it("[W4, LE1] has its alarm armed for whatever is due next", () => {
    tellAny((story, steps) => {
      for (const step of steps) {
        story.take(step);
        story.take({ do: "end turn" });
        const { world } = story;
        const dueMs = earliestDueMs(world, (session) => story.heardAtMs(session));
        expect(world.armedAtMs ?? Infinity).toBeLessThanOrEqual(dueMs);
      }
    });
  });

  it("[W5] once everybody has gone, lets everything go by its alarm alone, and is wiped", () => {
    tellAny((story, steps) => {
      for (const step of steps) story.take(step);
      const { world } = story;
      story.take({ do: "crash" });
      story.take({ do: "end turn" });
      for (let rings = 0; world.armedAtMs !== null; rings += 1) {
        expect(rings).toBeLessThan(20);
        world.ring();
      }
      expect([world.store.sessions.size, world.store.claims.size]).toEqual([0, 0]);
      expect(world.store.isUsed).toBe(false);
    });
  });
});
