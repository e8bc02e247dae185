import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ReceiveStream } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import type { FakeSocket } from "../support/sdk/fake_socket.ts";
import { delivery, openReceive } from "../support/sdk/handles.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const TIMEOUT = { code: "timeout", message: "No item is there." } as const;
const END = { code: "end-of-stream", message: "No sender is left." } as const;

const asks = (socket: FakeSocket): object[] =>
  socket.requests.flatMap((each) => (each.op === "receive" ? [each] : []));

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

describe("a try at an end that prefetches", () => {
  it("[W2] takes from the stock without asking", async () => {
    const { receive, socket } = await stocked(["a", "b", "c", "d"], { prefetch: 5 });
    expect(await receive.tryReceive()).toEqual({ value: "a" });
    await settle();
    expect(asks(socket)).toHaveLength(1);
  });

  it("[W2] asks for now or not at all, and stocks what comes besides", async () => {
    const { receive, socket } = await openReceive(world, { prefetch: 4 });
    const trying = watch(receive.tryReceive());
    await settle();
    expect(asks(socket)).toEqual([{ id: 2, op: "receive", end: TOKEN, max: 4, timeoutMs: 0 }]);
    await deliver(socket, 41, "a", "b", "c", "d");
    expect([trying.value, await receive.receive()]).toEqual([{ value: "a" }, "b"]);
  });

  it("[W2] is null where nothing is", async () => {
    const { receive, socket } = await openReceive(world, { prefetch: 4 });
    const trying = watch(receive.tryReceive());
    await settle();
    socket.reject(socket.asked("receive"), TIMEOUT);
    await settle();
    expect(trying.value).toBeNull();
  });

  it("fails nobody else: who may wait goes on waiting", async () => {
    const { receive, socket } = await openReceive(world, { prefetch: 4 });
    const [trying, waiting] = [watch(receive.tryReceive()), watch(receive.receive())];
    await settle();
    expect(asks(socket)).toMatchObject([{ max: 4, timeoutMs: 0 }, { max: 4 }]);
    socket.reject(socket.requests[1] ?? socket.asked("open"), TIMEOUT);
    await settle();
    expect([trying.value, waiting.fate]).toEqual([null, "pending"]);
    await deliver(socket, 41, "a");
    expect(waiting.value).toBe("a");
  });

  it("[W2] looks behind what it has asked for already: null is only where nothing is", async () => {
    const { receive, socket } = await stocked(["a"], { prefetch: 2 });
    expect(await receive.receive()).toBe("a");
    const [first, second] = [watch(receive.tryReceive()), watch(receive.tryReceive())];
    await settle();
    expect(asks(socket).slice(1)).toMatchObject([
      { max: 1 },
      { max: 1, timeoutMs: 0 },
      { max: 1, timeoutMs: 0 },
    ]);
    const [, ask, ...tries] = socket.requests.filter(({ op }) => op === "receive");
    const [one, two] = tries;
    if (ask === undefined || one === undefined || two === undefined) throw new Error("Too few.");
    socket.say(
      { re: ask.id, ok: delivery(11, "b") },
      { re: one.id, ok: delivery(12, "c") },
      { re: two.id, error: TIMEOUT },
    );
    await settle();
    expect([first.value, second.value]).toEqual([{ value: "b" }, { value: "c" }]);
  });

  it("[W2] passes nobody who waits", async () => {
    const { receive, socket } = await openReceive(world, { prefetch: 2 });
    const waiting = [watch(receive.receive()), watch(receive.receive())];
    const trying = watch(receive.tryReceive());
    await settle();
    socket.say({ re: 2, ok: delivery(11, "a") }, { re: 3, ok: delivery(12, "b") });
    await settle();
    expect(waiting.map(({ value }) => value)).toEqual(["a", "b"]);
    expect(trying.value).toBeNull();
  });

  it("[ST5] says that the stream has ended", async () => {
    const { receive, socket } = await openReceive(world, { prefetch: 2 });
    const trying = watch(receive.tryReceive());
    await settle();
    socket.reject(socket.asked("receive"), END);
    await settle();
    expect(trying.fate).toBe("end-of-stream");
  });
});
