import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settle } from "../support/sdk/clock.ts";
import type { FakeSocket } from "../support/sdk/fake_socket.ts";
import { holdCondition, since } from "../support/sdk/handles.ts";
import { unreachable } from "../support/sdk/scripted_server.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, TRUSTED_MS, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const REASON = new Error("Never mind.");

async function wake(
  socket: FakeSocket,
  woken: "notified" | "timed-out" | "cancelled" = "notified",
): Promise<void> {
  const wait = socket.asked("wait");
  socket.answer(wait, { token: (wait.token ?? 0) + 1, woken });
  await settle();
}

describe("waiting for a predicate", () => {
  it("[CO7] that is true already sends nothing, and returns its value", async () => {
    const { held, socket } = await holdCondition(world);
    const job = { id: 7 };
    expect(await held.waitFor(() => Promise.resolve(job))).toBe(job);
    expect(await held.waitFor(() => "now", { timeoutMs: 0 })).toBe("now");
    expect(since(socket, 1)).toEqual([]);
  });

  it("[CO7] asks again after every wake, with the lock held", async () => {
    const { held, socket } = await holdCondition(world);
    const seen: number[] = [];
    const answers = [undefined, 0, "", "done"];
    const waiting = watch(
      held.waitFor(() => {
        seen.push(held.token);
        return answers[seen.length - 1];
      }),
    );
    await settle();
    for (let count = 0; count < 3; count += 1) {
      expect(waiting.fate).toBe("pending");
      await wake(socket);
    }
    expect(waiting.value).toBe("done");
    expect(seen).toEqual([TOKEN, TOKEN + 1, TOKEN + 2, TOKEN + 3]);
    expect(since(socket, 1).map(({ op }) => op)).toEqual(["wait", "wait", "wait"]);
  });

  it("[CO7] that throws passes it on, with the lock held", async () => {
    const { held, socket } = await holdCondition(world);
    let count = 0;
    const waiting = watch(
      held.waitFor(() => {
        count += 1;
        if (count === 2) throw REASON;
        return false;
      }),
    );
    await settle();
    await wake(socket);
    expect(waiting.error).toBe(REASON);
    watch(held.notify());
    await settle();
    expect(socket.asked("notify").token).toBe(TOKEN + 1);
  });

  it("[CO7] has one time limit over all its waits", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.waitFor(() => false, { timeoutMs: 500 }));
    await world.clock.advance(300);
    await wake(socket);
    await world.clock.advance(150);
    await wake(socket);
    const limits = since(socket, 1).map((request) =>
      "timeoutMs" in request ? request.timeoutMs : null,
    );
    expect(limits).toEqual([500, 200, 50]);
    await wake(socket, "timed-out");
    expect([waiting.fate, held.token, held.signal.aborted]).toEqual(["timeout", TOKEN + 3, false]);
  });

  it("[CO7] looks once more where the lock came back late, then times out without a wait", async () => {
    const { held, socket } = await holdCondition(world);
    let looks = 0;
    const waiting = watch(held.waitFor(() => (looks += 1) > 9, { timeoutMs: 500 }));
    await world.clock.advance(499);
    world.clock.freeze(100);
    await wake(socket);
    expect([waiting.fate, looks]).toEqual(["timeout", 2]);
    expect(since(socket, 1).filter(({ op }) => op === "wait")).toHaveLength(1);
  });

  it("[CO7] now or not at all sends nothing", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.waitFor(() => null, { timeoutMs: 0 }));
    await settle();
    expect([waiting.fate, since(socket, 1)]).toEqual(["timeout", []]);
  });

  it("[CO7] that is aborted meanwhile rejects with the reason, and holds", async () => {
    const { held, socket } = await holdCondition(world);
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = watch(held.waitFor(() => false, { signal, timeoutMs: 500 }));
    await settle();
    controller.abort(REASON);
    await settle();
    expect(waiting.fate).toBe("pending");
    await wake(socket, "cancelled");
    expect([waiting.error, held.token]).toEqual([REASON, TOKEN + 1]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("[CO7] with a signal that was aborted does not even look", async () => {
    const { held, socket } = await holdCondition(world);
    const signal = AbortSignal.abort(REASON);
    let looks = 0;
    const waiting = watch(held.waitFor(() => (looks += 1) > 0, { signal }));
    await settle();
    expect([waiting.error, looks, since(socket, 1)]).toEqual([REASON, 0, []]);
  });

  it("that is no function is refused, with the lock held", async () => {
    const { held } = await holdCondition(world);
    const waiting = watch(held.waitFor(true as never));
    await settle();
    expect([waiting.fate, held.signal.aborted]).toEqual(["invalid-argument", false]);
  });

  it("[CO5] ends with the session", async () => {
    const { held, socket } = await holdCondition(world);
    let looks = 0;
    const waiting = watch(held.waitFor(() => (looks += 1) > 9));
    await settle();
    world.server.manner = unreachable;
    socket.drop();
    await world.clock.advance(TRUSTED_MS);
    expect([waiting.fate, looks, world.clock.timersCount]).toEqual(["lease-lost", 1, 0]);
  });

  it("with a bad time limit does not even look", async () => {
    const { held } = await holdCondition(world);
    let looks = 0;
    const waiting = watch(held.waitFor(() => (looks += 1) > 0, { timeoutMs: -1 }));
    await settle();
    expect([waiting.fate, looks]).toEqual(["invalid-argument", 0]);
  });
});
