import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type Latchwork } from "../../sdk/index.ts";
import { startServer, type EmbeddedServer } from "../../server/index.ts";
import { Cli, cli, type CliOptions, type Ended } from "../support/cli.ts";
import { eventually } from "../support/until.ts";

let server: EmbeddedServer;
let latchwork: Latchwork;
beforeAll(async () => {
  server = await startServer();
  latchwork = connect(server.url, { client: "the test" });
});
afterAll(async () => {
  await latchwork.close();
  await server.stop();
});

const run = (args: readonly string[], options: CliOptions = {}): Promise<Ended> =>
  cli(args, { url: server.url, ...options });

interface Printed {
  readonly lease: string;
  readonly token: number;
  readonly ttlMs: number;
}

describe("latchwork acquire, renew, release", () => {
  test("[LK1] a lease outlives the process that acquired it, until it is released", async () => {
    const acquired = await run(["acquire", "a/b", "--ttl", "5m"]);
    expect([acquired.code, acquired.stderr]).toEqual([0, ""]);
    expect(acquired.stdout).toMatch(/^[\w-]+\.[\w-]+\n$/);
    expect(await latchwork.lock("a/b").isLocked()).toBe(true);
    const lease = acquired.stdout.trim();
    const renewed = await run(["renew", "a/b", lease, "--ttl", "10m", "--json"]);
    expect(JSON.parse(renewed.stdout)).toMatchObject({ lease, ttlMs: 600_000 });
    expect((await run(["release", "a/b", lease])).code).toBe(0);
    expect(await latchwork.lock("a/b").isLocked()).toBe(false);
    expect((await run(["release", "a/b", lease])).code).toBe(76);
  });

  test("[W4] what is not to be had in time is 75, on standard error why", async () => {
    await using lease = await latchwork.lock("taken").acquire();
    const { code, stdout, stderr } = await run(["acquire", "taken", "--timeout", "50ms"]);
    expect([code, stdout]).toEqual([75, ""]);
    expect(stderr).toMatch(/not to be had/);
    expect(lease.signal.aborted).toBe(false);
  });

  test("[W1] [LK2] waits in line with clients of the SDK", async () => {
    const lock = latchwork.lock("in-line");
    const lease = await lock.acquire();
    const acquiring = run(["acquire", "in-line", "--json"]);
    await eventually(async () => (await lock.statistics()).tasksWaiting === 1);
    await lease.release();
    const printed = JSON.parse((await acquiring).stdout) as Printed;
    expect(printed.token).toBeGreaterThan(lease.token);
  });

  test("[SE1] permits of a semaphore", async () => {
    const first = await run(["acquire", "gpu", "--permits", "3", "--take", "2"]);
    expect(first.code).toBe(0);
    expect(await latchwork.semaphore("gpu").value()).toBe(1);
    const { code } = await run([
      "acquire",
      "gpu",
      "--permits",
      "3",
      "--take",
      "2",
      "--timeout",
      "0",
    ]);
    expect(code).toBe(75);
    expect((await run(["acquire", "gpu", "--permits", "4"])).code).toBe(78);
    expect((await run(["release", "gpu", first.stdout.trim(), "--kind", "semaphore"])).code).toBe(
      0,
    );
    expect(await latchwork.semaphore("gpu").value()).toBe(3);
  });

  test("a server that wants a token says so with 77", async () => {
    await using guarded = await startServer({ token: "secret" });
    const options = { url: guarded.url };
    expect((await cli(["acquire", "a"], options)).code).toBe(77);
    const env = { LATCHWORK_TOKEN: "secret" };
    expect((await cli(["acquire", "a"], { ...options, env })).code).toBe(0);
  });
});

describe("latchwork inspect and revoke", () => {
  test("show who holds and who waits, for people and for programs", async () => {
    const lock = latchwork.lock("seen");
    const lease = await lock.acquire();
    const waiting = lock.acquire();
    waiting.catch(() => {});
    await eventually(async () => (await lock.statistics()).tasksWaiting === 1);
    const table = await run(["inspect", "seen"]);
    expect(table.code).toBe(0);
    expect(table.stdout).toContain("the test");
    expect(table.stdout).toContain(String(lease.token));
    expect(table.stdout).not.toContain("\u001b");
    const json = JSON.parse((await run(["inspect", "seen", "--json"])).stdout) as object;
    expect(json).toMatchObject({ holders: [{ token: lease.token }], waiters: [{ position: 1 }] });
    expect((await run(["revoke", "seen", String(lease.token)])).code).toBe(0);
    await expect(lease.release()).rejects.toThrow("lost");
    expect((await run(["revoke", "seen", String(lease.token)])).code).toBe(1);
    await (await waiting).release();
  });

  test("--watch prints what changes, until it is interrupted", async () => {
    const lock = latchwork.lock("watched");
    const args = ["inspect", "watched", "--watch", "--interval", "50ms", "--json"];
    await using watching = new Cli(args, { url: server.url });
    await watching.printed(/"locked":false/);
    const lease = await lock.acquire();
    await watching.printed(/"locked":true/);
    await lease.release();
    watching.signal("SIGINT");
    expect((await watching.ended).code).toBe(0);
  });
});

describe("latchwork send and receive", () => {
  test("[ST2] [ST5] carry JSON lines from one process to another, and end with the sender", async () => {
    // Who receives may come first: the name is configured by whoever states it.
    await latchwork.stream("orders", { maxBufferSize: 10 }).statistics();
    const receiving = run(["receive", "orders"]);
    const items = [{ n: 1 }, "two", null, [3]];
    const input = items.map((item) => JSON.stringify(item)).join("\n");
    const sent = await run(["send", "orders", "--buffer", "10"], { input });
    expect([sent.code, sent.stderr]).toEqual([0, ""]);
    const { stdout, code } = await receiving;
    expect(code).toBe(0);
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(items);
  });

  test("a line that is no JSON is named, and what was before it was sent", async () => {
    const { code, stderr } = await run(["send", "bad", "--buffer", "10"], {
      input: '1\n2\n{"\n4\n',
    });
    expect(code).toBe(65);
    expect(stderr).toMatch(/line 3/i);
    expect(await latchwork.stream("bad").statistics()).toMatchObject({ currentBufferUsed: 2 });
  });

  test("so many, and no more, leave the rest to others", async () => {
    await run(["send", "many", "--buffer", "10", "--raw"], { input: "a\nb\nc\n" });
    const two = await run(["receive", "many", "--count", "2", "--raw"]);
    expect([two.code, two.stdout]).toEqual([0, "a\nb\n"]);
  });
});

describe("latchwork completion", () => {
  test("completes commands and options in a real bash", async () => {
    const { stdout: script } = await run(["completion", "bash"]);
    const ask = (words: string): string[] => {
      const program = `${script}
        COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); COMP_LINE="${words}"; COMP_POINT=\${#COMP_LINE}
        \${COMPLETION:-$(complete -p latchwork | sed -E 's/.*-F ([^ ]+).*/\\1/')} latchwork "\${COMP_WORDS[COMP_CWORD]}" ""
        printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", program], { encoding: "utf8" });
      expect(stderr).toBe("");
      return stdout
        .trim()
        .split("\n")
        .map((line) => line.trim());
    };
    expect(ask("latchwork ex")).toEqual(["exec"]);
    expect(ask("latchwork inspect --ki")).toEqual(["--kind"]);
    expect(ask("latchwork inspect --kind li")).toEqual(["limiter"]);
  });

  test.each(["zsh", "fish"])("prints a script for %s", async (shell) => {
    const { code, stdout } = await run(["completion", shell]);
    expect([code, stdout.includes("exec")]).toEqual([0, true]);
  });
});
