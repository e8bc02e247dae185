import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settle } from "../support/sdk/clock.ts";
import { unreachable } from "../support/sdk/scripted_server.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

describe("after a disconnection", () => {
  it("[W1] the client comes back as who it was, with a higher attempt", async () => {
    watch(world.lw.lock("a").acquire());
    const first = await world.socket();
    first.drop();
    await world.clock.advance(1_000);
    const { hello } = world.server.socket;
    expect(hello).toEqual({ ...first.hello, attempt: 2, resume: true });
  });

  it("a session that was never welcomed is not resumed, but opened", async () => {
    world.server.manner = unreachable;
    watch(world.lw.lock("a").acquire());
    await world.clock.advance(200);
    world.server.manner = world.server.welcoming;
    await world.clock.advance(1_000);
    const hellos = world.server.sockets.map(({ hello }) => hello);
    expect(hellos.every(({ resume }) => !resume)).toBe(true);
    expect(hellos.map(({ attempt }) => attempt)).toEqual(hellos.map((_, index) => index + 1));
    expect(hellos.length).toBeGreaterThan(2);
    expect(new Set(hellos.map(({ session }) => session)).size).toBe(1);
  });

  it("[LE5] what has no answer is asked again, with the same ids in the same order", async () => {
    const lock = world.lw.lock("a");
    watch(lock.acquire());
    watch(lock.statistics());
    watch(lock.acquire());
    const first = await world.socket();
    first.say({ re: 2, ok: { locked: false, owner: null, tasksWaiting: 0 } });
    first.drop();
    watch(lock.acquire());
    await world.clock.advance(1_000);
    expect(world.server.socket.frames).toEqual([
      [
        { id: 1, op: "acquire", permits: 1 },
        { id: 3, op: "acquire", permits: 1 },
        { id: 4, op: "acquire", permits: 1 },
      ],
    ]);
  });

  it("[LE5] an acquire whose answer was lost is not granted twice", async () => {
    const acquiring = watch(world.lw.lock("a").acquire());
    (await world.socket()).drop();
    world.server.held = [TOKEN];
    await world.clock.advance(1_000);
    const { socket } = world.server;
    socket.answer(socket.asked("acquire"), { token: TOKEN });
    await settle();
    expect(acquiring.value.token).toBe(TOKEN);
    expect([acquiring.value.signal.aborted, socket.requests.length]).toEqual([false, 1]);
  });

  it("[W4] the time limit that is stated is what is left of it", async () => {
    watch(world.lw.lock("a").acquire({ timeoutMs: 5_000 }));
    const first = await world.socket();
    await world.clock.advance(2_000);
    first.drop();
    await world.clock.advance(1_000);
    expect([first, world.server.socket].map((socket) => socket.asked("acquire").timeoutMs)).toEqual(
      [5_000, 2_975],
    );
  });

  it("what an abandoned socket still says is not heard", async () => {
    const acquiring = watch(world.lw.lock("a").acquire());
    const first = await world.socket();
    first.answersPings = false;
    await world.clock.advance(6_000);
    expect([first.state, world.server.sockets.length]).toEqual(["closed by client", 2]);
    first.answer(first.asked("acquire"), { token: TOKEN });
    first.say({ notice: "session-ended", reason: "expired" });
    first.drop();
    await world.clock.advance(60_000);
    expect([acquiring.fate, world.server.sockets.length]).toEqual(["pending", 2]);
  });

  it("a socket that opens after it was given up is closed, and carries nothing", async () => {
    world.server.manner = () => {};
    watch(world.lw.lock("a").acquire());
    const first = await world.socket();
    await world.clock.advance(10_000);
    first.state = "connecting";
    first.welcome();
    await settle();
    expect([first.state, first.requests]).toEqual(["closed by client", []]);
  });

  it("nobody comes back after a freeze in which all was lost", async () => {
    const { lease, socket } = await world.hold();
    world.server.manner = unreachable;
    socket.drop();
    world.clock.freeze(60_000);
    await world.clock.advance(1_000);
    expect([lease.signal.aborted, world.server.sockets.length]).toEqual([true, 1]);
    expect(world.clock.timersCount).toBe(0);
  });

  it("nobody comes back for nothing", async () => {
    const reading = watch(world.lw.lock("a").isLocked());
    const socket = await world.socket();
    socket.answer(socket.asked("statistics"), { locked: false, owner: null, tasksWaiting: 0 });
    socket.drop();
    await world.clock.advance(60_000);
    expect([reading.value, world.server.sockets.length]).toEqual([false, 1]);
    expect(world.clock.timersCount).toBe(0);
  });

  it("a later call resumes the session", async () => {
    watch(world.lw.lock("a").isLocked());
    const first = await world.socket();
    first.answer(first.asked("statistics"), { locked: false, owner: null, tasksWaiting: 0 });
    await settle();
    first.drop();
    watch(world.lw.lock("a").isLocked());
    const second = await world.socket();
    expect(second.hello).toEqual({ ...first.hello, attempt: 2, resume: true });
    expect(second.requests).toEqual([{ id: 2, op: "statistics" }]);
  });
});

describe("what the server says is held", () => {
  it("keeps the leases that it names", async () => {
    const { lease, socket } = await world.hold();
    socket.drop();
    await world.clock.advance(1_000);
    expect([lease.signal.aborted, world.server.sockets.length]).toEqual([false, 2]);
  });

  it("[LE1] ends a lease that it does not name: an operator took it meanwhile", async () => {
    const { lease, socket } = await world.hold();
    world.server.held = [];
    socket.drop();
    await world.clock.advance(1_000);
    expect(lease.signal.reason).toMatchObject({ code: "lease-lost", reason: "revoked" });
  });

  it("[LE3] settles a release of which only the answer was lost", async () => {
    const { lease, socket } = await world.hold();
    const releasing = watch(lease.release());
    await settle();
    world.server.held = [];
    socket.drop();
    await world.clock.advance(1_000);
    const second = world.server.socket;
    second.reject(second.asked("release"), { code: "not-owner", message: "It is released." });
    await settle();
    expect([releasing.fate, second.asked("release").id]).toEqual(["resolved", 2]);
  });

  it("leaves a release alone that has not taken effect yet", async () => {
    const { lease, socket } = await world.hold();
    const releasing = watch(lease.release());
    await settle();
    socket.drop();
    await world.clock.advance(1_000);
    const second = world.server.socket;
    expect(releasing.fate).toBe("pending");
    second.answer(second.asked("release"));
    await settle();
    expect(releasing.fate).toBe("resolved");
  });

  it("[LE3] does not settle a release that no server has seen", async () => {
    const { lease, socket } = await world.hold();
    world.server.held = [];
    socket.drop();
    const releasing = watch(lease.release());
    await world.clock.advance(1_000);
    expect(releasing.fate).toBe("pending");
    const second = world.server.socket;
    second.reject(second.asked("release"), { code: "not-owner", message: "It is revoked." });
    await settle();
    expect(releasing.fate).toBe("not-owner");
  });
});
