import { expect, test } from "vitest";
import { startServer } from "../../server/index.ts";
import { temporaryFolder } from "../support/folders.ts";
import { TestProcess } from "../support/processes.ts";
import { until } from "../support/until.ts";
import type { Inside } from "./programs/cycles.ts";
import type { HolderReport } from "./programs/holder.ts";

const CYCLES = new URL("./programs/cycles.ts", import.meta.url);
const HOLDER = new URL("./programs/holder.ts", import.meta.url);
const CLIENTS = 8;
const CYCLES_EACH = 200;

test("[LK1, LE2, W5] 8 processes doing 200 cycles each finish across a SIGKILL of the server, never two inside, tokens growing", async () => {
  await using folder = await temporaryFolder();
  let server = await startServer({ dir: folder.path });
  const { port, url } = server;
  const clients = Array.from(
    { length: CLIENTS },
    () => new TestProcess<Inside>(CYCLES, [url, "killed/cycles", String(CYCLES_EACH)]),
  );
  const inside: Inside[] = [];
  const counting = Promise.all(
    clients.map(async (client) => {
      for (let cycle = 0; cycle < CYCLES_EACH; cycle += 1) inside.push(await client.next());
      await client.rest();
    }),
  );
  // Kill in the middle: when about half of all cycles are done, and again when most are.
  for (const part of [0.4, 0.8]) {
    await until(() => inside.length >= CLIENTS * CYCLES_EACH * part, counting);
    await server.kill();
    server = await startServer({ dir: folder.path, port });
  }
  await counting;
  await server.stop();

  const inOrder = inside.toSorted((a, b) => (a.enteredNs < b.enteredNs ? -1 : 1));
  expect(inOrder).toHaveLength(CLIENTS * CYCLES_EACH);
  for (const [index, turn] of inOrder.entries()) {
    const before = inOrder[index - 1];
    if (before === undefined) continue;
    expect(turn.enteredNs > before.leftNs, "two were inside together").toBe(true);
    expect(turn.token, "a token fell").toBeGreaterThan(before.token);
  }
});

test("[LE1, W1, LE2] the server is killed while a lock is held and waited for: holder and line are as they were", async () => {
  await using folder = await temporaryFolder();
  const first = await startServer({ dir: folder.path });
  const { port, url } = first;
  const args = [url, "killed/held", "30000"];
  await using holder = new TestProcess<HolderReport>(HOLDER, args);
  expect(await holder.next()).toEqual({ what: "waits" });
  const held = await holder.next();
  await using second = new TestProcess<HolderReport>(HOLDER, args);
  expect(await second.next()).toEqual({ what: "waits" });
  await using third = new TestProcess<HolderReport>(HOLDER, args);
  expect(await third.next()).toEqual({ what: "waits" });

  await first.kill();
  await using server = await startServer({ dir: folder.path, port });

  const look = await fetch(`${server.url}/v1/default/lock/killed%2Fheld`);
  expect(await look.json()).toMatchObject({
    locked: true,
    owner: { token: tokenOf(held) },
    waiters: [{ position: 1 }, { position: 2 }],
  });
  holder.say("release");
  expect(await holder.next()).toEqual({ what: "released" });
  const next = await second.next();
  expect(tokenOf(next)).toBeGreaterThan(tokenOf(held));
  second.say("release");
  expect(await second.next()).toEqual({ what: "released" });
  expect(tokenOf(await third.next())).toBeGreaterThan(tokenOf(next));
});

test("[LE1, LE6] a client that is killed gives up what it held when its TTL is over, one that ends cleanly at once", async () => {
  await using server = await startServer();
  const args = [server.url, "killed/clients", "1000"];
  const killed = new TestProcess<HolderReport>(HOLDER, args);
  await killed.next();
  expect(await killed.next()).toMatchObject({ what: "holds" });
  await using second = new TestProcess<HolderReport>(HOLDER, args);
  await second.next();
  killed.signal("SIGKILL");
  await killed.exited;
  expect(await second.next()).toMatchObject({ what: "holds" });
  await using third = new TestProcess<HolderReport>(HOLDER, args);
  await third.next();
  second.say("release");
  expect(await second.next()).toEqual({ what: "released" });
  expect(await third.next()).toMatchObject({ what: "holds" });
});

function tokenOf(report: HolderReport): number {
  if (report.what === "holds") return report.token;
  throw new Error(`Not a grant: ${JSON.stringify(report)}.`);
}
