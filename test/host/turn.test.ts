import { describe, expect, it } from "vitest";
import { LockMachine } from "../../objects/core/lock.ts";
import { SemaphoreMachine } from "../../objects/core/semaphore.ts";
import { Aborted, HostWorld, type FakeSocket } from "../support/host_world.ts";

/** A world in which these many sessions have been welcomed. */
function welcomed(count: number): { world: HostWorld; sockets: FakeSocket[]; socket: FakeSocket } {
  const world = new HostWorld();
  const socket = world.connect();
  const sockets = [socket, ...Array.from({ length: count - 1 }, () => world.connect())];
  world.endTurn();
  world.log.length = 0;
  for (const each of sockets) each.frames.length = 0;
  return { world, sockets, socket };
}

describe("a turn", () => {
  it("is one transaction and one frame for each socket, however many frames came in it", () => {
    const { world, sockets } = welcomed(3);
    for (const socket of sockets) {
      socket.ask({ id: 1, op: "acquire", permits: 1, timeoutMs: 0 }, { id: 2, op: "statistics" });
      socket.ask({ id: 3, op: "statistics" });
    }
    expect(sockets.flatMap(({ frames }) => frames)).toEqual([]);
    world.endTurn();
    expect(sockets.map(({ frames }) => frames.length)).toEqual([1, 1, 1]);
    expect(sockets.map(({ told }) => told.length)).toEqual([3, 3, 3]);
    expect(world.log).toEqual(["commit", "arm", "send", "send", "send"]);
  });

  it("answers requests in the order in which they came", () => {
    const { world, socket } = welcomed(1);
    socket.ask({ id: 4, op: "statistics" }, { id: 7, op: "acquire", permits: 1 });
    socket.ask({ id: 9, op: "statistics" });
    world.endTurn();
    expect(socket.told).toMatchObject([{ re: 4 }, { re: 7 }, { re: 9 }]);
  });

  it("that changed nothing reads the disk before it answers", () => {
    const { world, socket } = welcomed(1);
    socket.ask({ id: 1, op: "statistics" });
    world.endTurn();
    expect(world.log).toEqual(["probe", "send"]);
  });

  it("in which nothing happened does nothing", () => {
    const { world } = welcomed(1);
    world.endTurn();
    expect(world.log).toEqual([]);
  });

  it("ends early for whoever inspects, who sees what is on disk, and its answers go out first", () => {
    const { world, socket } = welcomed(1);
    socket.acquire(1);
    expect(world.host.inspect()).toMatchObject({ locked: true });
    expect(world.log).toEqual(["commit", "arm", "send", "probe"]);
    world.endTurn();
    expect(world.log).toHaveLength(4);
  });
});

describe("a write that fails", () => {
  it("answers nothing, and throws the instance away", () => {
    const { world, sockets } = welcomed(2);
    for (const socket of sockets) socket.acquire(1, 0);
    world.store.isBroken = true;
    expect(() => world.endTurn()).toThrow(Aborted);
    expect(world.log).toEqual(["abort"]);
    expect(sockets.flatMap(({ frames }) => frames)).toEqual([]);
  });

  it("answers no operator either", () => {
    const { world, socket: owner } = welcomed(1);
    owner.acquire(1);
    world.endTurn();
    world.store.isBroken = true;
    const token = owner.token(1);
    expect(() => world.host.revoke(token)).toThrow(Aborted);
    expect(world.store.claims.size).toBe(1);
  });

  it("[LE5] leaves on disk what was there, so that a client that comes back and repeats is answered", () => {
    const { world, socket } = welcomed(1);
    world.store.isBroken = true;
    socket.acquire(1);
    expect(() => world.endTurn()).toThrow(Aborted);
    world.store.isBroken = false;
    world.restart({ sockets: "lost" });
    const again = world.connect({ ...socket.hello, attempt: 2, resume: true });
    again.acquire(1);
    world.endTurn();
    expect(again.told).toMatchObject([
      { resumed: true, held: [] },
      { re: 1, ok: {} },
    ]);
  });
});

describe("a step that breaks a promise", () => {
  class Broken extends LockMachine {
    override apply(...[command, nowMs]: Parameters<LockMachine["apply"]>) {
      const effects = super.apply(command, nowMs);
      if (command.type === "request" && command.request.op === "release")
        throw new Error("Broken.");
      return effects;
    }
  }

  it("is never written nor answered, nor is what came before it in the turn", () => {
    const world = new HostWorld((recovered) => new Broken(recovered));
    const [owner, waiter] = [world.connect(), world.connect()];
    owner.acquire(1);
    world.endTurn();
    world.log.length = 0;
    waiter.acquire(1);
    expect(() => owner.ask({ id: 2, op: "release", token: owner.token(1) })).toThrow(Aborted);
    world.endTurn();
    expect(world.log).toEqual(["abort"]);
    expect([...world.store.claims.values()]).toMatchObject([{ state: "held" }]);
  });
});

describe("one request's claim that ends, and is made anew, within one turn", () => {
  it("[LE2] has left its token on disk", () => {
    const world = new HostWorld((recovered) => new SemaphoreMachine(recovered));
    const config = { permits: 2 };
    const [holder, large, small] = [world.connect(), world.connect(), world.connect()];
    holder.ask({ id: 1, op: "acquire", permits: 1, config });
    world.endTurn();
    small.ask({ id: 1, op: "acquire", permits: 1 });
    large.ask({ id: 1, op: "acquire", permits: 2 });
    small.ask({ id: 2, op: "cancel", target: 1 });
    const again = world.connect({ ...small.hello, attempt: 2 });
    again.ask({ id: 1, op: "acquire", permits: 1 });
    world.endTurn();
    expect(world.store.load().lastToken).toBe(small.token(1));
  });
});
