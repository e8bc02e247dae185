import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InvalidArgumentError, LIMITS } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { openReceive, openSend, since } from "../support/sdk/handles.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const NEXT = TOKEN + 1;
const NOT_SIZES = [
  -1,
  1.5,
  Number.NaN,
  -Infinity,
  LIMITS.bufferItemsMax + 1,
  "1",
  null,
] as number[];

describe("a stream's configuration", () => {
  it.each([
    { maxBufferSize: 0, config: { maxBufferSize: 0 } },
    {
      maxBufferSize: LIMITS.bufferItemsMax,
      config: { maxBufferSize: LIMITS.bufferItemsMax },
    },
    { maxBufferSize: Infinity, config: { maxBufferSize: null } },
  ])("[ST1] of $maxBufferSize goes with every request that could be the first", async (stated) => {
    const { maxBufferSize, config } = stated;
    const stream = world.lw.stream("a", { maxBufferSize });
    watch(stream.open());
    watch(stream.reset());
    watch(stream.statistics());
    expect((await world.socket()).requests).toEqual([
      { id: 1, op: "open", side: "send", config },
      { id: 2, op: "open", side: "receive", config },
      { id: 3, op: "reset", config },
      { id: 4, op: "statistics", config },
    ]);
  });

  it("is left out where it was left out", async () => {
    const stream = world.lw.stream("a");
    watch(stream.open());
    watch(stream.reset());
    watch(stream.statistics());
    const { requests, url } = await world.socket();
    expect(requests.some((request) => "config" in request)).toBe(false);
    expect(url).toBe("wss://locks.example/v1/tests/stream/a");
  });

  it.each(NOT_SIZES)("may not be %s: nothing is sent", (maxBufferSize) => {
    expect(() => world.lw.stream("a", { maxBufferSize })).toThrow(InvalidArgumentError);
    expect(world.server.sockets).toEqual([]);
  });
});

describe("a stream's statistics", () => {
  const rest = {
    currentBufferUsed: 2,
    openSendStreams: 1,
    openReceiveStreams: 0,
    tasksWaitingSend: 3,
    tasksWaitingReceive: 4,
    undelivered: 2,
  };

  it.each([
    { wire: 5, maxBufferSize: 5 },
    { wire: 0, maxBufferSize: 0 },
    { wire: null, maxBufferSize: Infinity },
  ])("are what the server says; $wire is $maxBufferSize", async ({ wire, maxBufferSize }) => {
    const { send, socket } = await openSend(world);
    const { receive } = await openReceive(world, { token: NEXT });
    const handles = [world.lw.stream("a"), send, receive];
    const readings = handles.map((handle) => watch(handle.statistics()));
    await settle();
    const ok = { ...rest, maxBufferSize: wire };
    socket.say({ re: 3, ok }, { re: 4, ok }, { re: 5, ok });
    await settle();
    for (const { value } of readings) expect(value).toEqual({ ...rest, maxBufferSize });
  });
});

describe("opening", () => {
  it("both ends gives both", async () => {
    const opening = watch(world.lw.stream("a").open());
    const socket = await world.socket();
    socket.say({ re: 1, ok: { token: TOKEN } }, { re: 2, ok: { token: NEXT } });
    await settle();
    const [send, receive] = opening.value;
    watch(send.send(1));
    watch(receive.receive());
    await settle();
    expect(since(socket, 2)).toEqual([
      { id: 3, op: "send", end: TOKEN, item: "1" },
      { id: 4, op: "receive", end: NEXT },
    ]);
  });

  it.each([
    { side: "the sending one", refused: 1, granted: 2 },
    { side: "the receiving one", refused: 2, granted: 1 },
  ])("[ST4] both ends, of which $side is refused, leaves none open", async (ids) => {
    const opening = watch(world.lw.stream("a").open());
    const socket = await world.socket();
    socket.say(
      { re: ids.refused, error: { code: "closed", message: "It is closed for good." } },
      { re: ids.granted, ok: { token: TOKEN } },
    );
    await settle();
    expect(since(socket, 2)).toEqual([{ id: 3, op: "release", token: TOKEN }]);
    socket.answer(socket.asked("release"));
    await settle();
    expect(opening.fate).toBe("closed");
  });

  it.for([0, -1, 1.5, Number.NaN, LIMITS.unconfirmedMax + 1, "2", null] as number[])(
    "with a prefetch of %s is refused, and opens nothing",
    async (prefetch) => {
      const stream = world.lw.stream("a");
      const calls = [
        watch<unknown>(stream.open({ prefetch })),
        watch<unknown>(stream.openReceive({ prefetch })),
      ];
      await settle();
      expect(calls.map(({ fate }) => fate)).toEqual(["invalid-argument", "invalid-argument"]);
      expect([world.server.sockets.length, world.clock.timersCount]).toEqual([0, 0]);
    },
  );

  it("[LE5] whose answer was lost opens one end", async () => {
    const opening = watch(world.lw.stream("a").openSend());
    (await world.socket()).drop();
    world.server.held = [TOKEN];
    await world.clock.advance(1_000);
    const { socket } = world.server;
    expect(socket.requests).toEqual([{ id: 1, op: "open", side: "send" }]);
    socket.answer(socket.asked("open"), { token: TOKEN });
    await settle();
    expect(opening.fate).toBe("resolved");
  });

  it("a clone names the end that it comes from, and closes alone", async () => {
    const { send, socket } = await openSend(world);
    const { receive } = await openReceive(world, { token: NEXT, prefetch: 4 });
    const cloning = [watch(send.clone()), watch(receive.clone())] as const;
    await settle();
    expect(since(socket, 2)).toEqual([
      { id: 3, op: "open", side: "send", from: TOKEN },
      { id: 4, op: "open", side: "receive", from: NEXT },
    ]);
    socket.say({ re: 3, ok: { token: 21 } }, { re: 4, ok: { token: 22 } });
    await settle();
    watch(cloning[1].value.receive());
    watch(cloning[0].value.close());
    watch(send.send(1));
    await settle();
    expect(since(socket, 4)).toEqual([
      { id: 5, op: "receive", end: 22, max: 4 },
      { id: 6, op: "release", token: 21 },
      { id: 7, op: "send", end: TOKEN, item: "1" },
    ]);
  });

  it.for([{}, { token: "7" }, { token: 1.5 }])("with %j for a grant is no end", async (ok) => {
    const opening = watch(world.lw.stream("a").openReceive());
    (await world.socket()).deliver(JSON.stringify([{ re: 1, ok }]));
    await settle();
    expect(opening.fate).toBe("protocol");
  });
});

describe("a reset", () => {
  it("[ST7] loses the ends, its own client's too", async () => {
    const { send, socket } = await openSend(world);
    const resetting = watch(world.lw.stream("a").reset());
    await settle();
    socket.say({ notice: "lost", token: TOKEN, reason: "revoked" }, { re: 2, ok: {} });
    const sending = watch(send.send(1));
    await settle();
    expect(resetting.fate).toBe("resolved");
    expect(sending.error).toMatchObject({ code: "lease-lost", reason: "revoked" });
    expect(since(socket, 2)).toEqual([]);
  });
});
