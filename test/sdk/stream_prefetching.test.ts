import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LeaseLostError, type ReceiveStream } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import type { FakeSocket } from "../support/sdk/fake_socket.ts";
import { delivery, openReceive, since } from "../support/sdk/handles.ts";
import { unreachable } from "../support/sdk/scripted_server.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, TRUSTED_MS, TTL_MS, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const REASON = new Error("Never mind.");
const END = { code: "end-of-stream", message: "No sender is left." } as const;

const asks = (socket: FakeSocket): object[] =>
  socket.requests.flatMap((each) => (each.op === "receive" ? [each] : []));
const confirmed = (socket: FakeSocket): number[] =>
  socket.requests.flatMap((each) => (each.op === "confirm" ? [...(each.items ?? [])] : []));

async function deliver(socket: FakeSocket, seq: number, ...items: unknown[]): Promise<void> {
  socket.answer(socket.asked("receive"), delivery(seq, ...items));
  await settle();
}

/** An end that has items in stock: `received` of them were received already. */
async function stocked(
  items: readonly unknown[],
  { prefetch }: { prefetch: number },
): Promise<{ receive: ReceiveStream; socket: FakeSocket }> {
  const { receive, socket } = await openReceive(world, { prefetch });
  const first = watch(receive.receive());
  await settle();
  await deliver(socket, 1, "first", ...items);
  expect(first.value).toBe("first");
  return { receive, socket };
}

describe("an end that prefetches", () => {
  it.each(["receive", "loop"])(
    "[LE4] [ST3] in a program that was frozen gives nothing out of its stock that others may have by now: %s",
    async (how) => {
      const { receive, socket } = await stocked(["stale"], { prefetch: 2 });
      const count = socket.requests.length;
      world.clock.freeze(TTL_MS);
      const next = how === "loop" ? receive[Symbol.asyncIterator]().next() : receive.receive();
      await expect(next).rejects.toBeInstanceOf(LeaseLostError);
      expect(since(socket, count)).toEqual([]);
    },
  );

  it("asks for nothing before somebody wants something", async () => {
    const { socket } = await openReceive(world, { prefetch: 4 });
    await world.clock.advance(60_000);
    expect(since(socket, 1)).toEqual([]);
  });

  it("[ST2] asks once for all who wait, and shares out in their order", async () => {
    const { receive, socket } = await openReceive(world, { prefetch: 4 });
    const calls = [1, 2, 3].map(() => watch(receive.receive()));
    await settle();
    expect(since(socket, 1)).toEqual([{ id: 2, op: "receive", end: TOKEN, max: 4 }]);
    await deliver(socket, 41, "a", "b");
    expect([calls[0]?.value, calls[1]?.value, calls[2]?.fate]).toEqual(["a", "b", "pending"]);
    expect(confirmed(socket)).toEqual([41, 42]);
    expect(asks(socket)).toHaveLength(2);
    await deliver(socket, 43, "c");
    expect(calls[2]?.value).toBe("c");
  });

  it("asks again when half is used up, one request at a time, for what there is room for", async () => {
    const { receive, socket } = await stocked([1, 2, 3, 4], { prefetch: 5 });
    expect(asks(socket)).toHaveLength(1);
    expect(await receive.receive()).toBe(1);
    await settle();
    expect(asks(socket)).toHaveLength(1);
    expect(await receive.receive()).toBe(2);
    await settle();
    expect(asks(socket).slice(1)).toMatchObject([{ max: 3 }]);
    expect(await receive.receive()).toBe(3);
    await settle();
    expect(asks(socket)).toHaveLength(2);
    await deliver(socket, 11, 5, 6);
    expect([await receive.receive(), await receive.receive()]).toEqual([4, 5]);
  });

  it("[ST3] confirms what was received, not what is in stock", async () => {
    const { receive, socket } = await stocked(["a", "b"], { prefetch: 3 });
    expect(confirmed(socket)).toEqual([1]);
    await receive.receive();
    await settle();
    expect(confirmed(socket)).toEqual([1, 2]);
  });

  it("[ST9] loses no item to a call that was aborted", async () => {
    const { receive, socket } = await openReceive(world, { prefetch: 2 });
    const controller = new AbortController();
    const { signal } = controller;
    const [first, second] = [watch(receive.receive({ signal })), watch(receive.receive())];
    await settle();
    controller.abort(REASON);
    await settle();
    expect(first.error).toBe(REASON);
    await deliver(socket, 41, "a", "b");
    expect([second.value, await receive.receive()]).toEqual(["a", "b"]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("[ST9] loses no item to a call that was too late", async () => {
    const { receive, socket } = await openReceive(world, { prefetch: 2 });
    const { timersCount } = world.clock;
    const receiving = watch(receive.receive({ timeoutMs: 500 }));
    await world.clock.advance(500);
    expect([receiving.fate, world.clock.timersCount]).toEqual(["timeout", timersCount]);
    await deliver(socket, 41, "a");
    expect(confirmed(socket)).toEqual([]);
    expect(await receive.receive()).toBe("a");
  });

  it("with a signal that is aborted already takes nothing", async () => {
    const { receive, socket } = await stocked(["a"], { prefetch: 2 });
    const receiving = watch(receive.receive({ signal: AbortSignal.abort(REASON) }));
    await settle();
    expect([receiving.error, confirmed(socket)]).toEqual([REASON, [1]]);
    expect(await receive.receive()).toBe("a");
  });

  it("[ST5] tells all who wait how it ended, and whoever comes later asks anew", async () => {
    const { receive, socket } = await openReceive(world, { prefetch: 2 });
    const calls = [1, 2].map(() => watch(receive.receive()));
    await settle();
    socket.reject(socket.asked("receive"), END);
    await settle();
    expect(calls.map(({ fate }) => fate)).toEqual(["end-of-stream", "end-of-stream"]);
    watch(receive.receive());
    await settle();
    expect(asks(socket)).toHaveLength(2);
  });

  it("[ST5] hands out its stock before it says that the stream has ended", async () => {
    const { receive, socket } = await stocked(["a"], { prefetch: 2 });
    socket.reject(socket.asked("receive"), END);
    await settle();
    expect(await receive.receive()).toBe("a");
    const ending = watch(receive.receive());
    await settle();
    socket.reject(socket.asked("receive"), END);
    await settle();
    expect(ending.fate).toBe("end-of-stream");
  });

  it("tells all who wait that the session is over, and drops its stock", async () => {
    const { receive, socket } = await openReceive(world, { prefetch: 4 });
    const calls = [1, 2].map(() => watch(receive.receive()));
    await settle();
    world.server.manner = unreachable;
    socket.drop();
    await world.clock.advance(TRUSTED_MS);
    expect(calls.map(({ fate }) => fate)).toEqual(["connection-lost", "connection-lost"]);
    expect(world.clock.timersCount).toBe(0);
    await expect(receive.receive()).rejects.toMatchObject({ code: "lease-lost" });
  });

  it("[ST3] drops its stock with the session: it is given to others", async () => {
    const { receive, socket } = await stocked(["a"], { prefetch: 2 });
    socket.say({ notice: "session-ended", reason: "expired" });
    await expect(receive.receive()).rejects.toMatchObject({ code: "lease-lost" });
  });

  it("[ST3] whose end is lost as items arrive hands none out, and asks no other session", async () => {
    const { receive, socket } = await openReceive(world, { prefetch: 4 });
    const calls = [1, 2].map(() => watch(receive.receive()));
    await settle();
    socket.say(
      { re: socket.asked("receive").id, ok: delivery(41, "a") },
      { notice: "session-ended", reason: "expired" },
    );
    await world.clock.advance(60_000);
    expect(calls.map(({ fate }) => fate)).toEqual(["lease-lost", "lease-lost"]);
    expect([world.server.sockets.length, world.clock.timersCount]).toEqual([1, 0]);
  });
});
