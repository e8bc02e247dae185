import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type Latchwork } from "../../sdk/index.ts";
import { inPage } from "../runtimes/in_page.ts";
import { cli } from "../support/cli.ts";
import { twoWorkers, type TwoWorkers } from "../support/two_workers.ts";
import { eventually } from "../support/until.ts";

let workers: TwoWorkers;
let outside: Latchwork;
beforeAll(async () => {
  workers = await twoWorkers("test/worker/support/rpc_caller.ts");
  outside = connect(workers.url, { client: "the SDK" });
});
afterAll(async () => {
  await outside.close();
  await workers[Symbol.asyncDispose]();
});

/** Each joins the line by its own door, holds the lock, gives it back, and says by which token it held. */
type Door = (url: string) => Promise<number>;

const DOORS: Readonly<Record<string, Door>> = {
  async curl(url) {
    const lock = `${url}/v1/default/lock/five%2Fdoors`;
    const post = async (op: string, body: object): Promise<{ token: number; lease: string }> => {
      const args = ["-fsS", "-X", "POST", "-d", JSON.stringify(body), `${lock}/${op}`];
      const { stdout } = await promisify(execFile)("curl", args);
      return JSON.parse(stdout) as { token: number; lease: string };
    };
    const { token, lease } = await post("acquire", { client: "curl" });
    await post("release", { lease });
    return token;
  },

  async "a Worker over RPC"() {
    const { token } = (await workers.ask("/acquire?name=five%2Fdoors")) as { token: number };
    return token;
  },

  async "the command"(url) {
    const command = [
      "exec",
      "--lock",
      "five/doors",
      "--",
      "sh",
      "-c",
      "echo $LATCHWORK_LEASE_TOKEN",
    ];
    const { stdout, code } = await cli(command, { url });
    expect(code).toBe(0);
    return Number(stdout);
  },

  async "a browser"(url) {
    const said = await inPage(url, async ({ connect }, url) => {
      const lw = connect(url, { client: "a browser" });
      const lease = await lw.lock("five/doors").acquire();
      await lw.close();
      return lease.token;
    });
    if (said === null) throw new Error("No Chromium is installed: apt-get install chromium.");
    return said.result;
  },
};

test("[W1] [LK1] a lock held through the SDK is waited for by curl, by a Worker over RPC, by the command and by a browser, and they are served in the order in which they came", async () => {
  const lock = outside.lock("five/doors");
  const held = await lock.acquire();
  const served: { door: string; token: number }[] = [];
  const doors = Object.entries(DOORS);
  const all: Promise<void>[] = [];
  for (const [door, pass] of doors) {
    all.push(pass(workers.url).then((token) => void served.push({ door, token })));
    // The next comes when this one is in line; should one fail, it is told.
    const inLine = eventually(async () => (await lock.statistics()).tasksWaiting === all.length);
    await Promise.race([inLine, Promise.all(all)]);
  }
  const last = lock.acquire();
  await eventually(async () => (await lock.statistics()).tasksWaiting === doors.length + 1);
  await held.release();
  await Promise.all(all);
  const { token } = await last;
  const inOrder = served.toSorted((a, b) => a.token - b.token).map(({ door }) => door);
  expect(inOrder).toEqual(doors.map(([door]) => door));
  const tokens = [held.token, ...served.map((each) => each.token), token];
  expect(tokens.toSorted((a, b) => a - b).at(0)).toBe(held.token);
  expect(Math.max(...tokens)).toBe(token);
}, 120_000);
