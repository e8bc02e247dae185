import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type Latchwork } from "../../sdk/index.ts";
import { startServer, type EmbeddedServer } from "../../server/index.ts";
import { Cli } from "../support/cli.ts";

const PROGRAM = fileURLToPath(new URL("programs/signal_log.ts", import.meta.url));

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

test("signals pass through to the command, which decides, and holds the lock until it has ended", async () => {
  await using running = new Cli(["exec", "--lock", "signalled", "--", process.execPath, PROGRAM], {
    url: server.url,
  });
  await running.printed(/ready/);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1"] as const) {
    running.signal(signal);
    await running.printed(new RegExp(`got ${signal}`));
  }
  expect(await latchwork.lock("signalled").isLocked()).toBe(true);
  running.signal("SIGUSR2");
  const { code, stderr } = await running.ended;
  expect({ code, stderr }).toEqual({ code: 3, stderr: "" });
  expect(await latchwork.lock("signalled").isLocked()).toBe(false);
});

test("a command that a passed signal ends gives 128 and the signal's number", async () => {
  await using running = new Cli(
    ["exec", "--lock", "ended", "--", "sh", "-c", "echo up; exec sleep 600"],
    { url: server.url },
  );
  await running.printed(/up/);
  running.signal("SIGTERM");
  expect((await running.ended).code).toBe(143);
  expect(await latchwork.lock("ended").isLocked()).toBe(false);
});
