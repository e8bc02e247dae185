import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ClosedResourceError, LeaseLostError } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { delivery, openReceive, openSend, since } from "../support/sdk/handles.ts";
import { unreachable } from "../support/sdk/scripted_server.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, TRUSTED_MS, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const NEXT = TOKEN + 1;

describe("closing an end", () => {
  it("[ST4] releases it once, however often, and settles when the server knows", async () => {
    const { send, socket } = await openSend(world);
    const closings = [watch(send.close()), watch(send[Symbol.asyncDispose]())];
    await settle();
    expect(since(socket, 1)).toEqual([{ id: 2, op: "release", token: TOKEN }]);
    expect(closings.map(({ fate }) => fate)).toEqual(["pending", "pending"]);
    socket.answer(socket.asked("release"));
    await settle();
    await send.close();
    expect(closings.map(({ fate }) => fate)).toEqual(["resolved", "resolved"]);
    expect(since(socket, 2)).toEqual([]);
  });

  it("[ST8] forbids every use of it, at once, and sends nothing", async () => {
    const { send, socket } = await openSend(world);
    const { receive } = await openReceive(world, { token: NEXT });
    watch(send.close());
    watch(receive.close());
    const calls = [
      send.send(1),
      send.trySend(1),
      send.clone(),
      receive.receive(),
      receive.tryReceive(),
      receive.clone(),
      receive[Symbol.asyncIterator]().next(),
    ].map((call) => watch<unknown>(call));
    await settle();
    for (const { error } of calls) expect(error).toBeInstanceOf(ClosedResourceError);
    expect(since(socket, 2).map(({ op }) => op)).toEqual(["release", "release"]);
  });

  it("[ST4] leaves no socket behind that would come back for it", async () => {
    const { send, socket } = await openSend(world);
    watch(send.close());
    await settle();
    socket.answer(socket.asked("release"));
    await settle();
    socket.drop();
    await world.clock.advance(60_000);
    expect([world.server.sockets.length, world.clock.timersCount]).toEqual([1, 0]);
  });

  it("[LE3] of which only the answer was lost has closed it", async () => {
    const { send, socket } = await openSend(world);
    const closing = watch(send.close());
    await settle();
    world.server.held = [];
    socket.drop();
    await world.clock.advance(1_000);
    expect(closing.fate).toBe("resolved");
  });

  it("[ST8] is what became of a send that was blocked in it", async () => {
    const { send, socket } = await openSend(world);
    const sending = watch(send.send(1));
    watch(send.close());
    await settle();
    socket.say({ re: 2, error: { code: "closed", message: "It was closed." } }, { re: 3, ok: {} });
    await settle();
    expect(sending.fate).toBe("closed");
  });

  it.each([1, 4])(
    "[ST2] [ST8] is what became of a receive, though an item crossed it: others are given that (prefetch %d)",
    async (prefetch) => {
      const { receive, socket } = await openReceive(world, { prefetch });
      const receiving = [watch(receive.receive()), watch(receive.receive())];
      await settle();
      watch(receive.close());
      for (const request of since(socket, 1)) {
        if (request.op === "receive") socket.answer(request, delivery(40 + request.id, 1));
      }
      await settle();
      const closed = { code: "closed", message: "It was closed." } as const;
      for (const request of since(socket, 1)) {
        if (request.op === "receive") socket.reject(request, closed);
      }
      await settle();
      expect(receiving.map(({ fate }) => fate)).toEqual(["closed", "closed"]);
      expect(socket.requests.some(({ op }) => op === "confirm")).toBe(false);
    },
  );

  it("[ST3] with items that nobody has asked for confirms only the others", async () => {
    const { receive, socket } = await openReceive(world, { prefetch: 4 });
    const receiving = watch(receive.receive());
    await settle();
    socket.answer(socket.asked("receive"), delivery(41, "a", "b", "c"));
    await settle();
    watch(receive.close());
    await settle();
    expect(receiving.value).toBe("a");
    const after = since(socket, 2).filter(({ op }) => op !== "receive");
    expect(after).toMatchObject([
      { op: "confirm", items: [41] },
      { op: "release", token: TOKEN },
    ]);
    await expect(receive.receive()).rejects.toThrow(ClosedResourceError);
  });
});

describe("an end that is lost", () => {
  it("[ST4] with its session is lost to every use, and can be closed", async () => {
    const { send, socket } = await openSend(world);
    const { receive } = await openReceive(world, { token: NEXT });
    world.server.manner = unreachable;
    socket.drop();
    await world.clock.advance(TRUSTED_MS);
    const { length } = world.server.sockets;
    const calls = [
      send.send(1),
      send.trySend(1),
      send.clone(),
      receive.receive(),
      receive.tryReceive(),
      receive.clone(),
      receive[Symbol.asyncIterator]().next(),
    ].map((call) => watch<unknown>(call));
    await settle();
    for (const { error } of calls) {
      expect(error).toBeInstanceOf(LeaseLostError);
      expect(error).toMatchObject({ reason: "expired" });
    }
    await Promise.all([send.close(), receive.close()]);
    expect([world.server.sockets.length, world.clock.timersCount]).toEqual([length, 0]);
  });

  it("by the server's word says so, and no other with it", async () => {
    const { send, socket } = await openSend(world);
    const { receive } = await openReceive(world, { token: NEXT });
    socket.say({ notice: "lost", token: TOKEN, reason: "revoked" });
    const calls = [watch(send.send(1)), watch<unknown>(receive.receive())];
    await settle();
    expect(calls[0]?.error).toMatchObject({ code: "lease-lost", reason: "revoked" });
    expect(calls[1]?.fate).toBe("pending");
  });

  it("while the client was away says so", async () => {
    const { send, socket } = await openSend(world);
    world.server.held = [];
    socket.drop();
    await world.clock.advance(1_000);
    await expect(send.send(1)).rejects.toMatchObject({ code: "lease-lost", reason: "revoked" });
  });

  it("with its client was closed by its user", async () => {
    const { send } = await openSend(world);
    const { receive } = await openReceive(world, { token: NEXT });
    watch(world.lw.close());
    await expect(send.send(1)).rejects.toThrow(ClosedResourceError);
    await expect(receive.receive()).rejects.toThrow(ClosedResourceError);
    await Promise.all([send.close(), receive.close()]);
  });

  it("after it was closed stays closed", async () => {
    const { send, socket } = await openSend(world);
    watch(send.close());
    socket.say({ notice: "lost", token: TOKEN, reason: "revoked" });
    await expect(send.send(1)).rejects.toThrow(ClosedResourceError);
  });
});

describe("closing a client", () => {
  it("[ST3] confirms first what was received, in the frame of the end", async () => {
    const { receive, socket } = await openReceive(world);
    const [first, second] = [watch(receive.receive()), watch(receive.receive())];
    await settle();
    socket.answer(socket.requests[1] ?? socket.asked("open"), delivery(41, 1));
    watch(world.lw.close());
    await settle();
    expect([first.value, second.fate]).toEqual([1, "closed"]);
    expect(socket.frames.at(-1)).toEqual([
      { id: 4, op: "confirm", items: [41] },
      { id: 5, op: "end" },
    ]);
  });

  it.each([{ refused: false }, { refused: true }])(
    "[ST3] between two connections confirms on the next, then ends (refused: $refused)",
    async ({ refused }) => {
      const { receive, socket } = await openReceive(world);
      watch(receive.receive());
      await settle();
      socket.answer(socket.asked("receive"), delivery(41, 1));
      await settle();
      if (refused) {
        const error = { code: "unauthorized", message: "No." } as const;
        world.server.manner = (each) => each.refuse(error);
      }
      socket.drop();
      if (refused) await world.clock.advance(100);
      world.server.manner = world.server.welcoming;
      const closing = watch(world.lw.close());
      await world.clock.advance(1_000);
      const next = world.server.socket;
      expect(next.requests.map(({ op }) => op)).toEqual(["confirm", "end"]);
      next.answer(next.asked("end"));
      await settle();
      expect([closing.fate, world.clock.timersCount]).toEqual(["resolved", 0]);
    },
  );
});
