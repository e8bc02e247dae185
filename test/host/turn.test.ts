import { describe, expect, it } from "vitest";
import { LockMachine } from "../../objects/core/lock.ts";
import { SemaphoreMachine } from "../../objects/core/semaphore.ts";
import { StreamMachine } from "../../objects/core/stream.ts";
import { Aborted, HostWorld, TTL_MS, type FakeSocket } from "../support/host_world.ts";

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

  it("[LK4] that changed nothing reads the disk before it answers", () => {
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

  it("[LK4] ends early for whoever inspects, who sees what is on disk, and its answers go out first", () => {
    const { world, socket } = welcomed(1);
    socket.acquire(1);
    expect(world.host.inspect()).toMatchObject({ locked: true });
    expect(world.log).toEqual(["commit", "arm", "send", "probe"]);
    world.endTurn();
    expect(world.log).toHaveLength(4);
  });
});

describe("who looks sees what is so by then, though no alarm has gone off:", () => {
  it("[LK4] an operator sees the next in line hold, once the holder's TTL is over, and so does the disk", () => {
    const { world, sockets } = welcomed(2);
    for (const each of sockets) each.acquire(1);
    world.nowMs += TTL_MS - 1;
    sockets[1]?.ping();
    expect(world.host.inspect()).toMatchObject({ owner: { client: "client-1" }, tasksWaiting: 1 });
    world.nowMs += 1;
    world.log.length = 0;
    const owner = { client: "client-2", since: world.nowMs };
    expect(world.host.inspect()).toMatchObject({ owner, tasksWaiting: 0 });
    expect(world.log).toEqual(["commit", "send", "send", "probe"]);
    expect([...world.store.claims.values()]).toMatchObject([{ state: "held" }]);
  });

  it("[LK4] a client that asks is told of no waiter whose time is up", () => {
    const { world, sockets, socket } = welcomed(2);
    for (const each of sockets) each.acquire(1, 500);
    world.endTurn();
    world.nowMs += 500;
    socket.ask({ id: 2, op: "statistics" });
    world.endTurn();
    expect(socket.told).toMatchObject([{ re: 1 }, { re: 2, ok: { tasksWaiting: 0 } }]);
  });
});

describe("a turn takes in what comes with it:", () => {
  const ROUNDS_MAX = 32;

  it("stays open for as long as every round of the event loop brings a frame", () => {
    const { world, sockets, socket } = welcomed(5);
    for (const each of sockets) {
      each.acquire(1, 0);
      if (each !== socket) world.round();
    }
    expect(world.log).toEqual([]);
    world.round();
    expect(world.log).toEqual(["commit", "arm", ...sockets.map(() => "send")]);
    expect(world.isWritten).toBe(true);
  });

  it("but for no more than 32 rounds, so that nobody waits for an answer because others talk", () => {
    const { world, socket } = welcomed(1);
    socket.ask({ id: 1, op: "statistics" });
    for (let round = 1; round < ROUNDS_MAX; round += 1) {
      socket.ask({ id: 1 + round, op: "statistics" });
      world.round();
    }
    expect(socket.frames).toEqual([]);
    socket.ask({ id: 1 + ROUNDS_MAX, op: "statistics" });
    world.round();
    expect(socket.told).toHaveLength(1 + ROUNDS_MAX);
  });

  it("a session that opens, and a socket that closes, keep it open no longer", () => {
    const { world, socket } = welcomed(1);
    socket.acquire(1);
    world.connect();
    world.connect().drop();
    world.round();
    expect(world.log).toEqual(["commit", "arm", "send", "send", "send"]);
  });

  it("one that was closed early is not closed again on behalf of the next", () => {
    const { world, socket } = welcomed(1);
    socket.acquire(1);
    world.host.inspect();
    world.log.length = 0;
    socket.ask({ id: 2, op: "statistics" });
    socket.ask({ id: 3, op: "statistics" });
    world.round();
    expect(world.log).toEqual([]);
    world.round();
    expect(world.log).toEqual(["probe", "send"]);
    expect(world.isWritten).toBe(true);
  });

  it("and the next one has 32 rounds of its own", () => {
    const { world, socket } = welcomed(1);
    let id = 0;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      id += 1;
      socket.ask({ id, op: "statistics" });
      if (round > 0) world.round();
    }
    world.host.inspect();
    socket.frames.length = 0;
    for (const more of [1, 2]) socket.ask({ id: id + more, op: "statistics" });
    world.round();
    expect(socket.frames).toEqual([]);
    world.round();
    expect(socket.told).toHaveLength(2);
  });

  it("a round that comes when nothing is open does nothing", () => {
    const { world, socket } = welcomed(1);
    socket.acquire(1);
    world.host.inspect();
    world.log.length = 0;
    world.round();
    expect(world.log).toEqual([]);
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

  it("[LK4] tells no operator what the disk does not know", () => {
    const { world, socket } = welcomed(1);
    socket.acquire(1);
    world.store.isBroken = true;
    expect(() => world.host.inspect()).toThrow(Aborted);
    expect(socket.frames).toEqual([]);
  });

  it("answers no operator who takes a lease away either", () => {
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

  it("[LE5, ST2] is never written by halves: what the disk says was sent, it has", () => {
    const world = new HostWorld((recovered) => new StreamMachine(recovered));
    const [sender, receiver] = [world.connect(), world.connect()];
    sender.ask({ id: 1, op: "open", side: "send", config: { maxBufferSize: 1 } });
    receiver.ask({ id: 1, op: "open", side: "receive" });
    world.endTurn();
    const [end, from] = [sender.token(1), receiver.token(1)];
    sender.ask({ id: 2, op: "send", end, item: "1" });
    world.endTurn();
    sender.ask({ id: 3, op: "send", end, item: "2" }, { id: 4, op: "cancel", target: 3 });
    receiver.ask({ id: 2, op: "receive", end: from });
    const again = world.connect({ ...sender.hello, attempt: 2, resume: true });
    again.ask({ id: 3, op: "send", end, item: "2" });
    world.restart({ sockets: "lost" });
    const { through } = world.store.sessions.get(sender.hello.session)?.applied ?? { through: 0 };
    const texts = Array.from(world.store.items.values(), ({ text }) => text);
    expect({ through, texts }).toEqual({ through: 2, texts: ["1"] });
  });
});

describe("where frames come one by one,", () => {
  const LONELY_TURNS = 16;
  const LOOK_EVERY = 32;

  /** Asks `count` times, and ends each turn. Returns how many of them had an answer before their turn was ended. */
  function atOnce(world: HostWorld, socket: FakeSocket, count: number): boolean[] {
    return Array.from({ length: count }, () => {
      socket.frames.length = 0;
      socket.ask({ id: (lastId += 1), op: "statistics" });
      const isAnswered = socket.frames.length > 0;
      world.endTurn();
      expect(socket.frames.length).toBe(1);
      return isAnswered;
    });
  }
  let lastId = 100;

  it("the next is answered with no round of waiting, after sixteen of them", () => {
    const { world, socket } = welcomed(1);
    expect(atOnce(world, socket, LONELY_TURNS)).toEqual(Array(LONELY_TURNS).fill(false));
    expect(atOnce(world, socket, LONELY_TURNS)).toEqual(Array(LONELY_TURNS).fill(true));
  });

  it("is written before it is answered", () => {
    const { world, socket } = welcomed(1);
    atOnce(world, socket, LONELY_TURNS);
    world.log.length = 0;
    socket.ask({ id: 1_000, op: "acquire", permits: 1 });
    expect(world.log).toEqual(["commit", "arm", "send"]);
  });

  it("every 32nd looks whether others come with it, and if so they all wait for each other again", () => {
    const { world, sockets, socket } = welcomed(2);
    atOnce(world, socket, LOOK_EVERY);
    for (const each of sockets) {
      each.frames.length = 0;
      each.ask({ id: 2_000, op: "statistics" });
    }
    expect(sockets.map(({ frames }) => frames.length)).toEqual([0, 0]);
    world.endTurn();
    expect(sockets.map(({ frames }) => frames.length)).toEqual([1, 1]);
    lastId = 3_000;
    expect(atOnce(world, socket, 1)).toEqual([false]);
  });
});
