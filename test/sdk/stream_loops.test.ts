import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ReceiveStream } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import type { FakeSocket } from "../support/sdk/fake_socket.ts";
import { delivery, openReceive, since } from "../support/sdk/handles.ts";
import { unreachable } from "../support/sdk/scripted_server.ts";
import { watch, type Watched } from "../support/sdk/watched.ts";
import { TOKEN, TRUSTED_MS, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const REASON = new Error("Spoilt.");
const END = { code: "end-of-stream", message: "No sender is left." } as const;

/** A loop whose body takes as long as the test says. */
class Loop {
  readonly seen: unknown[] = [];
  readonly done: Watched<void>;
  #goOn = Promise.withResolvers<"go on" | "break">();

  constructor(receive: ReceiveStream) {
    this.done = watch(this.#run(receive));
  }

  async #run(receive: ReceiveStream): Promise<void> {
    for await (const item of receive) {
      this.seen.push(item);
      const how = await this.#goOn.promise;
      this.#goOn = Promise.withResolvers();
      if (how === "break") return;
    }
  }

  async bodyEnds(how: "go on" | "break" = "go on"): Promise<void> {
    this.#goOn.resolve(how);
    await settle();
  }

  async bodyThrows(error: Error): Promise<void> {
    this.#goOn.reject(error);
    await settle();
  }
}

async function looping(
  options: { prefetch?: number } = {},
): Promise<{ loop: Loop; receive: ReceiveStream; socket: FakeSocket }> {
  const { receive, socket } = await openReceive(world, options);
  const loop = new Loop(receive);
  await settle();
  return { loop, receive, socket };
}

async function deliver(socket: FakeSocket, seq: number, ...items: unknown[]): Promise<void> {
  socket.answer(socket.asked("receive"), delivery(seq, ...items));
  await settle();
}

const confirmed = (socket: FakeSocket): number[] =>
  socket.requests.flatMap((request) =>
    request.op === "confirm" ? [...(request.items ?? [])] : [],
  );

describe("a loop over a stream", () => {
  it("[ST3] confirms an item when it asks for the next, in one frame", async () => {
    const { loop, socket } = await looping();
    await deliver(socket, 41, "a");
    await world.clock.advance(60_000);
    expect([loop.seen, since(socket, 2)]).toEqual([["a"], []]);
    await loop.bodyEnds();
    expect(socket.frames.at(-1)).toEqual([
      { id: 3, op: "confirm", items: [41] },
      { id: 4, op: "receive", end: TOKEN },
    ]);
    await deliver(socket, 42, null);
    expect([loop.seen, confirmed(socket)]).toEqual([["a", null], [41]]);
  });

  it("[ST5] ends when the stream does", async () => {
    const { loop, socket } = await looping();
    await deliver(socket, 41, "a");
    await loop.bodyEnds();
    socket.reject(socket.asked("receive"), END);
    await settle();
    expect([loop.done.fate, loop.seen, confirmed(socket)]).toEqual(["resolved", ["a"], [41]]);
  });

  it("[ST3] confirms when it is left, and the end stays open", async () => {
    const { loop, receive, socket } = await looping();
    await deliver(socket, 41, "a");
    await loop.bodyEnds("break");
    expect([loop.done.fate, confirmed(socket)]).toEqual(["resolved", [41]]);
    watch(receive.receive());
    await settle();
    expect(since(socket, 3)).toEqual([{ id: 4, op: "receive", end: TOKEN }]);
  });

  it("[ST3] confirms when its body throws, and passes that on", async () => {
    const { loop, socket } = await looping();
    await deliver(socket, 41, "a");
    await loop.bodyThrows(REASON);
    expect([loop.done.error, confirmed(socket)]).toEqual([REASON, [41]]);
  });

  it("rejects with what else the server says", async () => {
    const { loop, socket } = await looping();
    socket.reject(socket.asked("receive"), { code: "limit-exceeded", message: "Too many." });
    await settle();
    expect(loop.done.fate).toBe("limit-exceeded");
  });

  it("[ST8] whose end is closed while it waits rejects", async () => {
    const { loop, receive, socket } = await looping();
    watch(receive.close());
    await settle();
    socket.reject(socket.asked("receive"), { code: "closed", message: "It was closed." });
    await settle();
    expect(loop.done.fate).toBe("closed");
  });

  it("[ST3] whose end is closed in its body has had the item: nobody else is given it", async () => {
    const { loop, receive, socket } = await looping();
    await deliver(socket, 41, "a");
    watch(receive.close());
    await settle();
    expect(since(socket, 2)).toEqual([
      { id: 3, op: "confirm", items: [41] },
      { id: 4, op: "release", token: TOKEN },
    ]);
    await loop.bodyEnds();
    expect([loop.done.fate, confirmed(socket)]).toEqual(["closed", [41]]);
  });

  it("[ST4] closes the end behind it where that is disposed of", async () => {
    const { receive, socket } = await openReceive(world);
    const done = watch(
      (async () => {
        await using mine = receive;
        for await (const item of mine) return item;
        return null;
      })(),
    );
    await settle();
    await deliver(socket, 41, "a");
    expect(since(socket, 2).map(({ op }) => op)).toEqual(["confirm", "release"]);
    socket.answer(socket.asked("release"));
    await settle();
    expect(done.value).toBe("a");
  });

  it("[ST3] whose session ends while it works confirms nothing, and then knows", async () => {
    const { loop, socket } = await looping();
    await deliver(socket, 41, "a");
    world.server.manner = unreachable;
    socket.drop();
    await world.clock.advance(TRUSTED_MS);
    world.server.manner = world.server.welcoming;
    await loop.bodyEnds();
    await world.clock.advance(1_000);
    expect(loop.done.error).toMatchObject({ code: "lease-lost", reason: "expired" });
    expect([confirmed(world.server.socket), world.clock.timersCount]).toEqual([[], 0]);
  });

  it("[ST3] says that it is done with an item when its task is over, if more are there already", async () => {
    const { loop, socket } = await looping({ prefetch: 4 });
    await deliver(socket, 41, "a", "b", "c");
    expect([loop.seen, confirmed(socket)]).toEqual([["a"], []]);
    await loop.bodyEnds();
    await world.clock.advance(0);
    expect([loop.seen, confirmed(socket)]).toEqual([["a", "b"], [41]]);
    await loop.bodyEnds();
    await loop.bodyEnds("break");
    await world.clock.advance(0);
    expect([loop.seen, confirmed(socket)]).toEqual([
      ["a", "b", "c"],
      [41, 42, 43],
    ]);
  });

  it("[ST3] that goes on at once says so of all items in one frame, with the next request", async () => {
    const { receive, socket } = await openReceive(world, { prefetch: 4 });
    const seen: unknown[] = [];
    const loop = watch(
      (async () => {
        for await (const item of receive) seen.push(item);
      })(),
    );
    await settle();
    const count = socket.frames.length;
    await deliver(socket, 41, "a", "b", "c", "d");
    expect([seen, loop.fate]).toEqual([["a", "b", "c", "d"], "pending"]);
    expect(confirmed(socket)).toEqual([41, 42, 43, 44]);
    const frames = socket.frames.slice(count).map((frame) => frame.map(({ op }) => op));
    expect(frames).toEqual([["confirm", "receive"], ["confirm"]]);
  });

  it("[ST3] that goes on at once for long says so after some milliseconds, though no timer goes off", async () => {
    const { receive, socket } = await openReceive(world, { prefetch: 16 });
    const loop = watch(
      (async () => {
        for await (const item of receive) world.clock.freeze(item === "slow" ? 3 : 0);
      })(),
    );
    await settle();
    await deliver(socket, 41, "slow", "slow", "slow", "fast", "fast");
    expect([loop.fate, confirmed(socket)]).toEqual(["pending", [41, 42, 43, 44, 45]]);
    const confirms = socket.requests.flatMap((each) => (each.op === "confirm" ? [each.items] : []));
    expect(confirms).toEqual([
      [41, 42, 43],
      [44, 45],
    ]);
  });

  it("[ST3] says so of all that it had in the task in which it is left", async () => {
    const { loop, socket } = await looping({ prefetch: 4 });
    await deliver(socket, 41, "a", "b", "c", "d");
    await loop.bodyEnds();
    await loop.bodyEnds("break");
    expect(confirmed(socket)).toEqual([41, 42]);
  });

  it.each(["the end", "the client"])(
    "[ST3] has said what it is done with before %s is closed in the same task",
    async (which) => {
      const { loop, receive, socket } = await looping({ prefetch: 4 });
      await deliver(socket, 41, "a", "b", "c");
      await loop.bodyEnds();
      watch(which === "the end" ? receive.close() : world.lw.close());
      await settle();
      const last = socket.requests.findIndex(({ op }) => op === "release" || op === "end");
      const confirm = socket.requests.findIndex((each) => each.op === "confirm");
      expect([confirm > 0, last > confirm, confirmed(socket)[0]]).toEqual([true, true, 41]);
    },
  );
});
