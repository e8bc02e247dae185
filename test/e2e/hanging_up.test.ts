import { connect as dial, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type Latchwork } from "../../sdk/index.ts";
import { startServer, type EmbeddedServer } from "../../server/index.ts";
import { eventually } from "../support/until.ts";

let server: EmbeddedServer;
let latchwork: Latchwork;
beforeAll(async () => {
  server = await startServer();
  latchwork = connect(server.url);
});
afterAll(async () => {
  await latchwork.close();
  await server.stop();
});

/** A program that waits for a lock by a call, for longer than any test takes, and is there when it is in line. */
async function caller(name: string): Promise<Socket> {
  const body = JSON.stringify({ timeoutMs: 300_000, ttlMs: 3_600_000 });
  const head = `POST /v1/default/lock/${name}/acquire HTTP/1.1\r\nHost: here\r\nContent-Length: ${body.length}`;
  const socket = dial(server.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(`${head}\r\n\r\n${body}`);
  const lock = latchwork.lock(name);
  await eventually(async () => (await lock.statistics()).tasksWaiting === 1);
  return socket;
}

describe("a caller in line", () => {
  test("[W3] that closes its connection in good order is passed over when its turn comes", async () => {
    const lock = latchwork.lock("closed");
    const held = await lock.acquire();
    const gone = await caller("closed");
    gone.destroy();
    const next = lock.acquire({ timeoutMs: 30_000 });
    await eventually(async () => (await lock.statistics()).tasksWaiting === 2);
    await held.release();
    expect((await next).token).toBeGreaterThan(held.token);
  });

  test("[W3] whose connection is reset has left the line at once", async () => {
    const lock = latchwork.lock("reset");
    await using held = await lock.acquire();
    const gone = await caller("reset");
    gone.resetAndDestroy();
    await eventually(async () => (await lock.statistics()).tasksWaiting === 0);
    expect(held.signal.aborted).toBe(false);
  });

  test("that is there keeps what it was granted", async () => {
    const lock = latchwork.lock("kept");
    const held = await lock.acquire();
    const socket = await caller("kept");
    let answer = "";
    socket.setEncoding("utf8").on("data", (text: string) => (answer += text));
    await held.release();
    // The last chunk of a body that says no length.
    await eventually(() => Promise.resolve(answer.endsWith("0\r\n\r\n")));
    socket.destroy();
    const { owner } = await lock.statistics();
    expect(answer).toContain(`"token":${owner?.token}`);
    expect(await lock.tryAcquire()).toBeNull();
  });
});
