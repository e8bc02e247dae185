import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type Latchwork } from "../../sdk/index.ts";
import { twoWorkers, type TwoWorkers } from "../support/two_workers.ts";
import { eventually } from "../support/until.ts";

let workers: TwoWorkers;
let outside: Latchwork;
beforeAll(async () => {
  workers = await twoWorkers("test/worker/support/rpc_caller.ts");
  outside = connect(workers.url, { client: "from outside" });
});
afterAll(async () => {
  await outside.close();
  await workers[Symbol.asyncDispose]();
});

const someToken = { token: expect.any(Number) as number };

describe("a Worker that is bound to Latchwork as a service", () => {
  test("[LE6] holds no longer than its invocation, though it releases nothing", async () => {
    const { token } = (await workers.ask("/acquire?name=a")) as { token: number };
    // Far less than the TTL, and long for a machine that is busy.
    await using lease = await outside.lock("a").acquire({ timeoutMs: 10_000 });
    expect(lease.token).toBeGreaterThan(token);
  });

  test("[LE6] releases what it disposes of at once", async () => {
    const [first, second] = (await workers.ask("/twice?name=b")) as [number, number];
    expect(second).toBeGreaterThan(first);
  });

  test("[W1] [LK2] waits in one line with clients from outside", async () => {
    const lock = outside.lock("c");
    const lease = await lock.acquire();
    const inside = workers.ask("/hold-until-released?name=c");
    await eventually(async () => (await lock.statistics()).tasksWaiting === 1);
    const next = lock.acquire();
    await eventually(async () => (await lock.statistics()).tasksWaiting === 2);
    await lease.release();
    await eventually(async () => (await lock.statistics()).owner?.client === "worker");
    await outside.event("c may go").set();
    const { token } = (await inside) as { token: number };
    expect((await next).token).toBeGreaterThan(token);
    await (await next).release();
  });

  test("[LK1] runs work with the lock held, and has it back", async () => {
    expect(await workers.ask("/run?name=d")).toEqual(someToken);
    expect(await workers.ask("/try?name=d")).toEqual(someToken);
  });

  test("[W2] [W4] is told what it cannot have, and why", async () => {
    await using lease = await outside.lock("e").acquire();
    expect(await workers.ask("/try?name=e")).toBeNull();
    const late = await workers.ask("/too-late?name=e");
    expect(late).toMatchObject({ code: "timeout", message: "It was not to be had within 10 ms." });
    expect(lease.signal.aborted).toBe(false);
  });

  test("has all six, under the SDK's names", async () => {
    expect(await workers.ask("/everything?name=f")).toEqual({
      free: 1,
      borrowers: ["tenant-9"],
      isInfinite: true,
      item: { n: 1 },
    });
  });

  test("has names in other namespaces, under a name of its own", async () => {
    await using lease = await outside.lock("g").acquire();
    expect(await workers.ask("/elsewhere?name=g")).toEqual({ same: true, client: "a caller" });
    expect(lease.signal.aborted).toBe(false);
  });
});
