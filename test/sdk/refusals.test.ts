import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ERROR_CODES, type ErrorCode } from "../../sdk/fault.ts";
import { UnauthorizedError } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, TRUSTED_MS, TTL_MS, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const UNAUTHORIZED = { code: "unauthorized", message: "The token has expired." } as const;

/** Errors of primitives that this version does not have, and those after which the client comes back by itself. */
const OTHERS: ReadonlySet<ErrorCode> = new Set([
  "already-borrowed",
  "not-borrowed",
  "broken",
  "end-of-stream",
  "overloaded",
  "connection-lost",
]);

describe("a connection that is refused", () => {
  it.for(ERROR_CODES.filter((code) => !OTHERS.has(code)))(
    "tells whoever waits why, and is not tried again: %s",
    async (code) => {
      world.server.manner = (socket) => socket.refuse({ code, message: "No." });
      const calls = [watch(world.lw.lock("a").acquire()), watch(world.lw.lock("a").isLocked())];
      await world.clock.advance(60_000);
      expect(calls.map(({ fate }) => fate)).toEqual([code, code]);
      expect([world.server.sockets.length, world.clock.timersCount]).toEqual([1, 0]);
    },
  );

  it("is tried again by the next call", async () => {
    world.server.manner = (socket) => socket.refuse(UNAUTHORIZED);
    await expect(world.lw.lock("a").acquire()).rejects.toThrow(UnauthorizedError);
    world.server.manner = world.server.welcoming;
    watch(world.lw.lock("a").acquire());
    expect((await world.socket()).requests).toEqual([{ id: 2, op: "acquire", permits: 1 }]);
  });

  it("[LE1] costs nobody a lease for as long as the session lives", async () => {
    const { lease, socket } = await world.hold();
    world.server.manner = (each) => each.refuse(UNAUTHORIZED);
    socket.drop();
    await world.clock.advance(5_000);
    world.server.manner = world.server.welcoming;
    await world.clock.advance(TTL_MS);
    expect(lease.signal.aborted).toBe(false);
  });

  it("[LE4] costs the lease when it is refused for too long", async () => {
    const { lease, socket } = await world.hold();
    world.server.manner = (each) => each.refuse(UNAUTHORIZED);
    socket.drop();
    await world.clock.advance(TRUSTED_MS - 1);
    expect(lease.signal.aborted).toBe(false);
    await world.clock.advance(1);
    expect(lease.signal.aborted).toBe(true);
  });
});

describe("what a refusal failed, and the server may still keep for the session,", () => {
  /** The connection is lost and refused once; then the server is itself again. */
  async function refuseOnce(): Promise<void> {
    const { server, clock } = world;
    server.manner = (socket) => socket.refuse(UNAUTHORIZED);
    server.socket.drop();
    await clock.advance(100);
    server.manner = server.welcoming;
  }

  it("[W5] is withdrawn, so that the next acquire does not wait behind a ghost", async () => {
    const ghost = watch(world.lw.lock("a").acquire());
    await settle();
    await refuseOnce();
    expect(ghost.fate).toBe("unauthorized");
    watch(world.lw.lock("a").acquire());
    const { requests, hello } = await world.socket();
    expect(hello.resume).toBe(true);
    expect(requests).toEqual([
      { id: 2, op: "cancel", target: 1 },
      { id: 3, op: "acquire", permits: 1 },
    ]);
  });

  it("[W5] is withdrawn in the end, however often it is refused", async () => {
    watch(world.lw.lock("a").acquire());
    await settle();
    await refuseOnce();
    world.server.manner = (socket) => socket.refuse(UNAUTHORIZED);
    watch(world.lw.lock("a").acquire());
    await settle();
    world.server.manner = world.server.welcoming;
    watch(world.lw.lock("a").acquire());
    const { requests } = await world.socket();
    expect(requests.filter(({ op }) => op === "cancel")).toMatchObject([{ target: 1 }]);
    expect(requests.filter(({ op }) => op === "acquire")).toHaveLength(1);
  });

  it("[W3] is withdrawn where the call had been given up, and its cancel was refused", async () => {
    const controller = new AbortController();
    const acquiring = watch(world.lw.lock("a").acquire({ signal: controller.signal }));
    await settle();
    controller.abort(new Error("Never mind."));
    await settle();
    await refuseOnce();
    expect(acquiring.fate).toBe("rejected");
    watch(world.lw.lock("a").acquire());
    expect((await world.socket()).asked("cancel").target).toBe(1);
  });

  it("[W5] is released where a release was refused", async () => {
    const { lease, socket } = await world.hold();
    socket.drop();
    const releasing = watch(lease.release());
    await refuseOnce();
    expect(releasing.fate).toBe("unauthorized");
    watch(world.lw.lock("a").acquire());
    expect((await world.socket()).asked("release").token).toBe(TOKEN);
  });

  it("[LE6] is ended when the client is closed", async () => {
    watch(world.lw.lock("a").acquire());
    await settle();
    await refuseOnce();
    const closing = watch(world.lw.close());
    const socket = await world.socket();
    expect(socket.requests.map(({ op }) => op)).toContain("end");
    socket.answer(socket.asked("end"));
    await settle();
    expect(closing.fate).toBe("resolved");
  });

  it("is forgotten with the session: there is nothing left to withdraw", async () => {
    watch(world.lw.lock("a").acquire());
    await settle();
    await refuseOnce();
    await world.clock.advance(TRUSTED_MS);
    watch(world.lw.lock("a").acquire());
    expect((await world.socket()).requests).toEqual([{ id: 3, op: "acquire", permits: 1 }]);
  });

  it("is nothing where the refused connection was the only one to carry it", async () => {
    world.server.manner = (socket) => socket.refuse(UNAUTHORIZED);
    watch(world.lw.lock("a").acquire());
    await settle();
    world.server.manner = world.server.welcoming;
    watch(world.lw.lock("a").acquire());
    expect((await world.socket()).requests).toEqual([{ id: 2, op: "acquire", permits: 1 }]);
  });
});
