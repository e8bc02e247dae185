import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ClosedResourceError, type Lock } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import type { FakeSocket } from "../support/sdk/fake_socket.ts";
import { holdCondition, openReceive, openSend } from "../support/sdk/handles.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, TTL_MS, World } from "../support/sdk/world.ts";

/** A quarter of the TTL: when a client looks. */
const LOOK_MS = TTL_MS / 4;
const IDLE_MS = 30_000;

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

/** Looks who has it, and has the answer. */
async function use(lock: Lock): Promise<FakeSocket> {
  const looking = lock.isLocked();
  const socket = await world.socket();
  socket.answer(socket.asked("statistics"), { locked: false, owner: null, tasksWaiting: 0 });
  expect(await looking).toBe(false);
  return socket;
}

async function rest(): Promise<void> {
  await world.clock.advance(IDLE_MS + LOOK_MS);
  expect(stateOf(...world.server.sockets)).toEqual(new Set(["closed by client"]));
}

/** So many that what is at rest is forgotten. */
async function useOthers(): Promise<void> {
  for (let count = 0; count < 100; count += 1) await use(world.lw.lock(`other/${count}`));
}

const stateOf = (...sockets: readonly FakeSocket[]): Set<string> =>
  new Set(sockets.map(({ state }) => state));

describe("a socket on which nothing depends", () => {
  it("is closed when half a minute is over, and leaves no timer", async () => {
    const { lease, socket } = await world.hold();
    const releasing = lease.release();
    await settle();
    socket.answer(socket.asked("release"));
    await releasing;
    await world.clock.advance(IDLE_MS - LOOK_MS);
    expect(socket.state).toBe("open");
    await world.clock.advance(2 * LOOK_MS);
    expect([socket.state, world.clock.timersCount]).toEqual(["closed by client", 0]);
  });

  it("stays for as long as it is used every now and then", async () => {
    const lock = world.lw.lock("a");
    const socket = await use(lock);
    for (let count = 0; count < 10; count += 1) {
      await world.clock.advance(IDLE_MS - LOOK_MS);
      await use(lock);
    }
    expect([socket.state, world.server.sockets.length]).toEqual(["open", 1]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ["a lease", () => world.hold()],
    ["a condition's lock", () => holdCondition(world)],
    ["an end to send on", () => openSend(world)],
    ["an end to receive on", () => openReceive(world)],
    ["a place in line", () => Promise.resolve(watch(world.lw.lock("a").acquire()))],
    ["a wait without an end", () => Promise.resolve(watch(world.lw.event("a").wait()))],
  ])("is none where there is %s", async (_, have) => {
    await have();
    await world.clock.advance(10 * IDLE_MS);
    expect(stateOf(await world.socket())).toEqual(new Set(["open"]));
    expect(world.server.sockets).toHaveLength(1);
  });
});

describe("after a rest", () => {
  it("[LE6] nothing is left of the session, and the next is another", async () => {
    const lock = world.lw.lock("a");
    const first = await use(lock);
    await rest();
    expect(first.requests.at(-1)).toMatchObject({ op: "end" });
    const second = await use(lock);
    expect(second.hello).toMatchObject({ attempt: 1, resume: false });
    expect(second.hello.session).not.toBe(first.hello.session);
  });

  it("the same handle opens a socket again, and all goes on", async () => {
    const lock = world.lw.lock("a");
    await use(lock);
    await rest();
    const acquiring = lock.acquire();
    const socket = await world.socket();
    world.server.held.push(TOKEN);
    socket.answer(socket.asked("acquire"), { token: TOKEN });
    expect((await acquiring).token).toBe(TOKEN);
    expect(world.server.sockets).toHaveLength(2);
  });

  it("another handle of the name opens one, which the first one shares from then on", async () => {
    const early = world.lw.lock("a");
    await use(early);
    await rest();
    await use(early);
    await use(world.lw.lock("a"));
    expect(world.server.sockets).toHaveLength(2);
  });

  it("names without number leave neither socket nor timer", async () => {
    for (let count = 0; count < 200; count += 1) await use(world.lw.lock(`invoices/${count}`));
    await rest();
    expect([world.server.sockets.length, world.clock.timersCount]).toEqual([200, 0]);
  });

  it("an early and a late handle of one name are closed together with the client", async () => {
    const early = world.lw.lock("a");
    await use(early);
    await rest();
    await useOthers();
    const sockets = [await use(world.lw.lock("a")), await use(early)];
    const closing = watch(world.lw.close());
    await settle();
    for (const socket of world.server.sockets.filter(({ state }) => state === "open")) {
      socket.answer(socket.asked("end"));
    }
    await settle();
    expect([closing.fate, stateOf(...sockets)]).toEqual([
      "resolved",
      new Set(["closed by client"]),
    ]);
  });

  it.each(["a handle that has rested", "one that was never used"])(
    "and the client's end %s opens nothing",
    async (which) => {
      const [rested, unused] = [world.lw.lock("a"), world.lw.lock("b")];
      await use(rested);
      await rest();
      await useOthers();
      await rest();
      const socketsCount = world.server.sockets.length;
      await world.lw.close();
      const lock = which === "one that was never used" ? unused : rested;
      await expect(lock.isLocked()).rejects.toThrow(ClosedResourceError);
      expect(world.server.sockets).toHaveLength(socketsCount);
    },
  );
});
