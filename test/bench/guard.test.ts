import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sizeOf, type ProgramName } from "../../tools/sdk_size.ts";
import { settle } from "../support/sdk/clock.ts";
import { delivery, holdCondition, openReceive, openSend } from "../support/sdk/handles.ts";
import type { FakeSocket } from "../support/sdk/fake_socket.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, World } from "../support/sdk/world.ts";

/** What may not grow unnoticed, counted without a clock. Rows written are guarded by test/objects. */

describe("the SDK's size, minified and gzipped", () => {
  /**
   * The goals are 9,000 bytes, and 5,000 for a program that only uses a lock. Neither is met: this holds what there
   * is, and 1 %. Lower it when the SDK shrinks.
   */
  const sizes: readonly (readonly [ProgramName, number])[] = [
    ["everything", 10_830],
    ["onlyLocks", 6_675],
    ["lockByItself", 5_445],
  ];
  it.each(sizes)("%s is at most %i bytes", async (name, bytesMax) => {
    expect(await sizeOf(name)).toBeLessThanOrEqual(bytesMax);
  });
});

describe("what the SDK sends", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.end());

  /** The operations of each frame that a step sends. */
  async function sentBy(socket: FakeSocket, step: () => unknown): Promise<string[][]> {
    const before = socket.frames.length;
    await step();
    await settle();
    return socket.frames.slice(before).map((frame) => frame.map(({ op }) => op));
  }

  it("is nothing before the first use, and one frame then", async () => {
    const lock = world.lw.lock("a");
    await settle();
    expect(world.server.sockets).toEqual([]);
    const acquiring = lock.acquire();
    const socket = await world.socket();
    expect(socket.frames.map((frame) => frame.map(({ op }) => op))).toEqual([["acquire"]]);
    socket.answer(socket.asked("acquire"), { token: TOKEN });
    await acquiring;
    expect(world.server.sockets.length).toBe(1);
  });

  it("is one frame to release, and none for a grant or an answer", async () => {
    const { lease, socket } = await world.hold();
    expect(await sentBy(socket, () => watch(lease.release()))).toEqual([["release"]]);
    socket.answer(socket.asked("release"));
    expect(await sentBy(socket, () => {})).toEqual([]);
  });

  it("is one frame for a release and the next acquire that are asked in one task", async () => {
    const { lease, socket } = await world.hold();
    const sent = await sentBy(socket, () => {
      watch(lease.release());
      watch(world.lw.lock("a").acquire());
    });
    expect(sent).toEqual([["release", "acquire"]]);
  });

  it("is one frame for a wait on a condition, and one to notify", async () => {
    const { held, socket } = await holdCondition(world);
    expect(await sentBy(socket, () => watch(held.notify(1)))).toEqual([["notify"]]);
    socket.answer(socket.asked("notify"));
    expect(await sentBy(socket, () => watch(held.wait()))).toEqual([["wait"]]);
  });

  it("is one frame for sixteen items", async () => {
    const { send, socket } = await openSend<number>(world);
    const sent = await sentBy(socket, () => {
      for (let item = 0; item < 16; item += 1) watch(send.send(item));
    });
    expect(sent).toEqual([Array.from({ length: 16 }, () => "send")]);
  });

  it("is two frames for an item that is received: for it, and that it has arrived", async () => {
    const { receive, socket } = await openReceive<number>(world);
    const receiving = receive.receive();
    expect(await sentBy(socket, () => {})).toEqual([["receive"]]);
    const confirming = await sentBy(socket, async () => {
      socket.answer(socket.asked("receive"), delivery(1, 0));
      await receiving;
    });
    expect(confirming).toEqual([["confirm"]]);
  });

  it("is two frames for sixteen items that are fetched at once: the second confirms and fetches more", async () => {
    const { receive, socket } = await openReceive<number>(world, { prefetch: 16 });
    const before = socket.frames.length;
    const receiving = Array.from({ length: 16 }, () => receive.receive());
    await settle();
    socket.answer(socket.asked("receive"), delivery(1, ...Array.from({ length: 16 }, () => 0)));
    await Promise.all(receiving);
    await settle();
    const sent = socket.frames.slice(before).map((frame) => new Set(frame.map(({ op }) => op)));
    expect(sent).toEqual([new Set(["receive"]), new Set(["confirm", "receive"])]);
  });
});
