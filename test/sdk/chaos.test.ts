import { getEventListeners } from "node:events";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anySteps, Chaos, type Step } from "../support/sdk/chaos.ts";
import { unreachable } from "../support/sdk/scripted_server.ts";
import { TRUSTED_MS, World } from "../support/sdk/world.ts";

const TIMEOUT_MS_MAX = 15_000;

/** Tells the story, then lets the server be gone for good. */
async function survive(steps: readonly Step[], check: (chaos: Chaos) => void): Promise<void> {
  const world = new World();
  try {
    const chaos = new Chaos(world);
    for (const step of steps) await chaos.take(step);
    world.server.manner = unreachable;
    for (const socket of world.server.sockets) socket.drop();
    await world.clock.advance(TIMEOUT_MS_MAX + 3 * TRUSTED_MS);
    check(chaos);
  } finally {
    await world.end();
  }
}

const always = (check: (chaos: Chaos) => void): Promise<void> =>
  fc.assert(
    fc.asyncProperty(anySteps, (steps) => survive(steps, check)),
    { numRuns: 1_000 },
  );

describe("whatever happens to a client", () => {
  it("no promise hangs, and nothing keeps the program alive", async () => {
    await always(({ calls, world }) => {
      expect(calls.map(({ watched }) => watched.fate)).not.toContain("pending");
      expect(world.clock.timersCount).toBe(0);
      const listeners = calls.map(
        ({ controller }) => getEventListeners(controller.signal, "abort").length,
      );
      expect(Math.max(0, ...listeners)).toBe(0);
    });
  }, 60_000);

  it("[LE4] no lease outlives the server's silence, and no grant makes two leases", async () => {
    await always(({ leases, released }) => {
      const held = leases.filter((lease) => !lease.signal.aborted && !released.has(lease));
      expect(held.map(({ token }) => token)).toEqual([]);
      expect(new Set(leases.map(({ token }) => token)).size).toBe(leases.length);
    });
  }, 60_000);

  it("[LE5] nothing that a server welcomed in one session is asked in another", async () => {
    await always(({ world }) => {
      const sessionOf = new Map<string, string>();
      for (const { hello, requests, url, welcomed } of world.server.sockets) {
        for (const { id } of welcomed ? requests : []) {
          const session = sessionOf.get(`${url} ${id}`) ?? hello.session;
          sessionOf.set(`${url} ${id}`, session);
          expect(session).toBe(hello.session);
        }
      }
    });
  }, 60_000);

  it("[ST2] [ST3] no item is received twice, and none is confirmed that was not received", async () => {
    await always(({ uses, world }) => {
      expect(new Set(uses.received).size).toBe(uses.received.length);
      const confirmed = world.server.sockets.flatMap(({ requests }) =>
        requests.flatMap((request) => (request.op === "confirm" ? [...(request.items ?? [])] : [])),
      );
      expect(confirmed.filter((seq) => !uses.received.includes(seq))).toEqual([]);
    });
  }, 60_000);
});
