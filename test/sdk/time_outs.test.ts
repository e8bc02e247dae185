import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConnectionLostError, TimeoutError } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { silent, unreachable, UNREACHED } from "../support/sdk/scripted_server.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, TRUSTED_MS, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const TIMEOUT = { code: "timeout", message: "It was not to be had." } as const;
/** How long a call that gave up waits for the server's word that it has left the queue. */
const PATIENCE_MS = 1_000;

describe("a wait with a time limit", () => {
  it("[W4] states it to the server, which keeps it on its own clock", async () => {
    const acquiring = watch(world.lw.lock("a").acquire({ timeoutMs: 500.2 }));
    const socket = await world.socket();
    expect(socket.asked("acquire").timeoutMs).toBe(501);
    socket.reject(socket.asked("acquire"), TIMEOUT);
    await settle();
    expect(acquiring.error).toBeInstanceOf(TimeoutError);
    expect(socket.requests).toHaveLength(1);
  });

  it("[W4] is withdrawn when its time is up, and no millisecond earlier", async () => {
    watch(world.lw.lock("a").acquire({ timeoutMs: 500 }));
    const socket = await world.socket();
    await world.clock.advance(499);
    expect(socket.requests).toHaveLength(1);
    await world.clock.advance(1);
    expect(socket.requests.slice(1)).toEqual([{ id: 2, op: "cancel", target: 1 }]);
  });

  it("[W3] rejects when the server has said that it has left the queue", async () => {
    const acquiring = watch(world.lw.lock("a").acquire({ timeoutMs: 500 }));
    const socket = await world.socket();
    await world.clock.advance(500 + PATIENCE_MS - 1);
    expect(acquiring.fate).toBe("pending");
    socket.answer(socket.asked("cancel"));
    await settle();
    expect(acquiring.error).toBeInstanceOf(TimeoutError);
  });

  it("rejects after a second where the server does not say so", async () => {
    const acquiring = watch(world.lw.lock("a").acquire({ timeoutMs: 500 }));
    await world.clock.advance(500 + PATIENCE_MS - 1);
    expect(acquiring.fate).toBe("pending");
    await world.clock.advance(1);
    expect(acquiring.fate).toBe("timeout");
  });

  it("rejects at once where there is no connection to say it on", async () => {
    const acquiring = watch(world.lw.lock("a").acquire({ timeoutMs: 500 }));
    const socket = await world.socket();
    world.server.manner = silent;
    socket.drop();
    await world.clock.advance(500);
    expect(acquiring.fate).toBe("timeout");
  });

  it("[W3] [LK3] a grant that crossed the time-out is given back, and never held", async () => {
    const acquiring = watch(world.lw.lock("a").acquire({ timeoutMs: 500 }));
    const socket = await world.socket();
    await world.clock.advance(500);
    socket.answer(socket.asked("acquire"), { token: TOKEN });
    await settle();
    expect(acquiring.fate).toBe("pending");
    socket.answer(socket.asked("cancel"));
    await settle();
    expect([acquiring.fate, socket.asked("cancel").target]).toEqual(["timeout", 1]);
  });

  it("that was granted in time is not withdrawn later", async () => {
    const acquiring = watch(world.lw.lock("a").acquire({ timeoutMs: 500 }));
    const socket = await world.socket();
    socket.answer(socket.asked("acquire"), { token: TOKEN });
    await world.clock.advance(5_000);
    expect([acquiring.value.signal.aborted, socket.requests.length]).toEqual([false, 1]);
  });

  it("of 0 leaves it to the server to say no", async () => {
    const acquiring = watch(world.lw.lock("a").acquire({ timeoutMs: 0 }));
    const socket = await world.socket();
    await world.clock.advance(1_000);
    expect([acquiring.fate, socket.requests.length]).toEqual(["pending", 1]);
    socket.reject(socket.asked("acquire"), TIMEOUT);
    await settle();
    expect(acquiring.fate).toBe("timeout");
  });

  it.each(UNREACHED)("of 0 waits 5 s for a server that $way", async ({ manner }) => {
    world.server.manner = manner;
    const acquiring = watch(world.lw.lock("a").acquire({ timeoutMs: 0 }));
    await world.clock.advance(4_999);
    expect(acquiring.fate).toBe("pending");
    await world.clock.advance(1);
    expect(acquiring.fate).toBe("connection-lost");
    await world.clock.advance(TRUSTED_MS);
    expect(world.clock.timersCount).toBe(0);
  });

  it("[W3] of 0 is no time-out where the server has not said so, and is withdrawn", async () => {
    const trying = watch(world.lw.lock("a").tryAcquire());
    const socket = await world.socket();
    await world.clock.advance(5_000);
    expect(socket.requests.slice(1)).toEqual([{ id: 2, op: "cancel", target: 1 }]);
    socket.answer(socket.asked("cancel"));
    await settle();
    expect(trying.fate).toBe("connection-lost");
  });
});

describe("a time limit that passed before any server was reached", () => {
  const limited = () => watch(world.lw.lock("a").acquire({ timeoutMs: 500 }));

  it.each(UNREACHED)("is a lost connection when the server $way", async ({ manner }) => {
    world.server.manner = manner;
    const acquiring = limited();
    await world.clock.advance(499);
    expect(acquiring.fate).toBe("pending");
    await world.clock.advance(1);
    expect(acquiring.error).toBeInstanceOf(ConnectionLostError);
    expect((acquiring.error as Error).message).toBe(
      "The server could not be reached within 500 ms.",
    );
  });

  it("is a lost connection when the server turned every connection away", async () => {
    world.server.manner = (socket) =>
      socket.refuse({ code: "overloaded", message: "Later.", retryAfterMs: 5_000 });
    const acquiring = limited();
    await world.clock.advance(500);
    expect(acquiring.fate).toBe("connection-lost");
  });

  it("is a time-out where a server was reached, and lost again", async () => {
    const acquiring = limited();
    const socket = await world.socket();
    world.server.manner = unreachable;
    socket.drop();
    await world.clock.advance(500);
    expect(acquiring.fate).toBe("timeout");
  });

  it("may be longer than a session is trusted", async () => {
    world.server.manner = unreachable;
    const acquiring = watch(world.lw.lock("a").acquire({ timeoutMs: 3 * TRUSTED_MS }));
    await world.clock.advance(3 * TRUSTED_MS - 1);
    expect(acquiring.fate).toBe("pending");
    await world.clock.advance(1);
    expect(acquiring.fate).toBe("connection-lost");
  });
});
