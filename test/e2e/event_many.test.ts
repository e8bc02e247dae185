import { expect, test } from "vitest";
import { connect } from "../../sdk/index.ts";
import { startServer } from "../../server/index.ts";
import { temporaryFolder } from "../support/folders.ts";

const WAITERS = 2_000;

test("[EV2] [EV4] 2,000 waiters wake when it is set and cleared at once, though the server was killed while they waited", async () => {
  await using folder = await temporaryFolder();
  const first = await startServer({ dir: folder.path });
  const { port, url } = first;
  const clients = Array.from({ length: WAITERS }, () => connect(url, { sessionTtlMs: 60_000 }));
  const setter = connect(url).event("many");
  const waiting = clients.map((client) => client.event("many").wait());
  await allWait();

  await first.kill();
  await using server = await startServer({ dir: folder.path, port });
  // Most have not come back yet: they are woken all the same.
  await Promise.all([setter.set(), setter.clear()]);
  expect(await Promise.all(waiting)).toHaveLength(WAITERS);
  expect(await setter.statistics()).toEqual({ isSet: false, tasksWaiting: 0 });

  const again = clients.map((client) => client.event("many").wait());
  await allWait();
  await setter.set();
  expect(await Promise.all(again)).toHaveLength(WAITERS);
  await Promise.all(clients.map((client) => client.close()));
  await server.stop();

  async function allWait(): Promise<void> {
    while ((await setter.statistics()).tasksWaiting < WAITERS);
  }
});
