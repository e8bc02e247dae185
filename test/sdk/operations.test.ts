import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Latchwork } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { delivery, holdCondition, openReceive, openSend } from "../support/sdk/handles.ts";
import { unreachable } from "../support/sdk/scripted_server.ts";
import { watch } from "../support/sdk/watched.ts";
import { TRUSTED_MS, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const UNAUTHORIZED = { code: "unauthorized", message: "The token has expired." } as const;

interface Operation {
  readonly op: string;
  readonly ask: (lw: Latchwork) => Promise<unknown>;
}

/** They mean the same in every session. */
const FREE: readonly Operation[] = [
  { op: "set", ask: (lw) => lw.event("a").set() },
  { op: "clear", ask: (lw) => lw.event("a").clear() },
  { op: "wait", ask: (lw) => lw.event("a").wait() },
  { op: "statistics", ask: (lw) => lw.event("a").statistics() },
  { op: "acquire", ask: (lw) => lw.condition("a").acquire() },
  { op: "acquire", ask: (lw) => lw.limiter("a").acquire() },
  { op: "return", ask: (lw) => lw.limiter("a").releaseOnBehalfOf("x") },
  { op: "set-total", ask: (lw) => lw.limiter("a").setTotalTokens(2) },
  { op: "open", ask: (lw) => lw.stream("a").openSend() },
  { op: "open", ask: (lw) => lw.stream("a").openReceive() },
  { op: "reset", ask: (lw) => lw.stream("a").reset() },
];

describe.each(FREE)("$op", ({ op, ask }) => {
  it("that no server has seen goes on in the next session", async () => {
    // Something that the server has seen begins the session; it ends with it.
    const seen = watch(ask(world.lw));
    const socket = await world.socket();
    world.server.manner = unreachable;
    socket.drop();
    await world.clock.advance(5_000);
    const unseen = watch(ask(world.lw));
    await world.clock.advance(TRUSTED_MS - 5_000);
    world.server.manner = world.server.welcoming;
    await world.clock.advance(2_000);
    expect([seen.fate, unseen.fate]).toEqual(["connection-lost", "pending"]);
    expect(world.server.socket.hello.session).not.toBe(socket.hello.session);
    expect(world.server.socket.requests.map((each) => each.op)).toEqual([op]);
  });

  it("[LE5] that has no answer is asked again with the same id", async () => {
    watch(ask(world.lw));
    const first = await world.socket();
    first.drop();
    await world.clock.advance(1_000);
    expect(world.server.socket.requests).toEqual(first.requests);
  });

  it("is closed with its client", async () => {
    const asking = watch(ask(world.lw));
    await settle();
    watch(world.lw.close());
    await settle();
    expect(asking.fate).toBe("closed");
  });
});

interface Use {
  readonly op: string;
  readonly make: (world: World) => Promise<() => Promise<unknown>>;
}

/** They speak of what a session has, and mean nothing in another. */
const BOUND: readonly Use[] = [
  {
    op: "notify",
    make: (each) =>
      holdCondition(each).then(
        ({ held }) =>
          () =>
            held.notify(),
      ),
  },
  {
    op: "wait",
    make: (each) =>
      holdCondition(each).then(
        ({ held }) =>
          () =>
            held.wait(),
      ),
  },
  {
    op: "release",
    make: (each) =>
      holdCondition(each).then(
        ({ held }) =>
          () =>
            held.release(),
      ),
  },
  {
    op: "send",
    make: (each) =>
      openSend(each).then(
        ({ send }) =>
          () =>
            send.send(1),
      ),
  },
  {
    op: "open (clone)",
    make: (each) =>
      openSend(each).then(
        ({ send }) =>
          () =>
            send.clone(),
      ),
  },
  {
    op: "receive",
    make: (each) =>
      openReceive(each).then(
        ({ receive }) =>
          () =>
            receive.receive(),
      ),
  },
  {
    op: "receive (prefetch)",
    make: (each) => openReceive(each, { prefetch: 4 }).then((open) => () => open.receive.receive()),
  },
];

describe.each(BOUND)("$op", ({ op, make }) => {
  const fate = op === "wait" ? "lease-lost" : "connection-lost";

  it("that no server has seen ends with its session, and is not sent in another", async () => {
    const use = await make(world);
    world.server.manner = unreachable;
    world.server.socket.drop();
    await world.clock.advance(5_000);
    const using = watch(use());
    await world.clock.advance(TRUSTED_MS - 5_001);
    expect(using.fate).toBe("pending");
    await world.clock.advance(1);
    expect([using.fate, world.clock.timersCount]).toEqual([fate, 0]);
    world.server.manner = world.server.welcoming;
    watch(world.lw.condition("a").acquire());
    watch(world.lw.stream("a").openSend());
    await settle();
    const sent = world.server.sockets.slice(1).flatMap(({ requests }) => requests);
    expect(sent.every(({ op: each }) => each === "acquire" || each === "open")).toBe(true);
  });

  it("[LE5] that a server has seen ends with its session", async () => {
    const use = await make(world);
    const using = watch(use());
    await settle();
    world.server.socket.say({ notice: "session-ended", reason: "expired" });
    await settle();
    expect(using.fate).toBe(fate);
  });
});

describe("a confirmation", () => {
  it("ends with its session, and is not sent in another", async () => {
    const { receive, socket } = await openReceive(world);
    watch(receive.receive());
    socket.answersPings = false;
    await world.clock.advance(4_000);
    world.server.manner = unreachable;
    socket.answer(socket.asked("receive"), delivery(41, 1));
    socket.drop();
    await world.clock.advance(TRUSTED_MS);
    expect(world.clock.timersCount).toBe(0);
    world.server.manner = world.server.welcoming;
    watch(world.lw.stream("a").openReceive());
    expect((await world.socket()).requests.map(({ op }) => op)).toEqual(["open"]);
  });
});

describe("what a refusal failed, and the server may still keep for the session,", () => {
  /** The connection is lost, and refused once. */
  async function refuseOnce(): Promise<void> {
    world.server.manner = (each) => each.refuse(UNAUTHORIZED);
    world.server.socket.drop();
    await world.clock.advance(100);
    world.server.manner = world.server.welcoming;
  }

  it.each<Operation & { kind: "event" | "limiter" | "stream" | "condition" }>([
    { op: "an event's wait", kind: "event", ask: (lw) => lw.event("a").wait() },
    { op: "a lock", kind: "condition", ask: (lw) => lw.condition("a").acquire() },
    { op: "a borrowing", kind: "limiter", ask: (lw) => lw.limiter("a").acquire() },
    { op: "an end", kind: "stream", ask: (lw) => lw.stream("a").openSend() },
  ])("[W5] is withdrawn: $op", async ({ kind, ask }) => {
    const asking = watch(ask(world.lw));
    await settle();
    await refuseOnce();
    expect(asking.fate).toBe("unauthorized");
    watch<unknown>(world.lw[kind]("a").statistics());
    const { requests } = await world.socket();
    expect(requests).toEqual([
      { id: 2, op: "cancel", target: 1 },
      { id: 3, op: "statistics" },
    ]);
  });

  it.each([
    { op: "set", ask: (lw: Latchwork) => lw.event("a").set() },
    { op: "clear", ask: (lw: Latchwork) => lw.event("a").clear() },
  ])("is done or not, and nothing can be withdrawn: $op", async ({ ask }) => {
    const asking = watch(ask(world.lw));
    await settle();
    await refuseOnce();
    expect(asking.fate).toBe("unauthorized");
    watch(world.lw.event("a").statistics());
    expect((await world.socket()).requests).toEqual([{ id: 2, op: "statistics" }]);
  });

  it("[ST3] is withdrawn: a receive; and confirmed: what was received", async () => {
    const { receive, socket } = await openReceive(world);
    const [first, second] = [watch(receive.receive()), watch(receive.receive())];
    await settle();
    socket.say({ re: 2, ok: delivery(41, "a") });
    await settle();
    await refuseOnce();
    expect([first.value, second.fate]).toEqual(["a", "unauthorized"]);
    await world.clock.advance(3_000);
    expect(world.server.socket.requests).toMatchObject([
      { op: "cancel", target: 3 },
      { op: "confirm", items: [41] },
    ]);
  });

  it("[LE5] is withdrawn: a send, whose sender was told that nobody knows", async () => {
    const { send } = await openSend(world);
    const sending = watch(send.send(1));
    await settle();
    await refuseOnce();
    expect(sending.fate).toBe("unauthorized");
    await world.clock.advance(3_000);
    expect(world.server.socket.requests).toMatchObject([{ op: "cancel", target: 2 }]);
  });
});
