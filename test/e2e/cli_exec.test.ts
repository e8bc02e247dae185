import { readFile, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type Latchwork } from "../../sdk/index.ts";
import { startServer, type EmbeddedServer } from "../../server/index.ts";
import { Cli, cli, type CliOptions, type Ended } from "../support/cli.ts";
import { temporaryFolder } from "../support/folders.ts";

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

function exec(args: readonly string[], options: CliOptions = {}): Promise<Ended> {
  return cli(["exec", ...args], { url: server.url, ...options });
}

/** A port that nothing listens on. */
async function deadUrl(): Promise<string> {
  await using taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(taken.address() as AddressInfo).port}`;
}

describe("latchwork exec", () => {
  test("runs the command while the lock is held, with its token, and frees it at once", async () => {
    await using running = new Cli(
      [
        "exec",
        "--lock",
        "plain",
        "--",
        "sh",
        "-c",
        `echo "$LATCHWORK_LOCK $LATCHWORK_LEASE_TOKEN"; read line; echo "read $line"; exit 5`,
      ],
      { url: server.url, interactive: true },
    );
    const [, token] = await running.printed(/^plain (\d+)$/m);
    const { locked, owner } = await latchwork.lock("plain").statistics();
    expect({ locked, token: String(owner?.token) }).toEqual({ locked: true, token });
    expect(owner?.client).toMatch(new RegExp(`^.+@.+:${running.pid}$`));
    running.write("what it is told\n");
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stderr }).toEqual({ code: 5, stderr: "" });
    expect(stdout).toContain("read what it is told");
    expect(await latchwork.lock("plain").tryAcquire()).not.toBeNull();
  });

  test("[LK1] of several commands one runs at a time", async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "count");
    await writeFile(file, "0");
    // Read, a pause, write: without the lock they would overwrite each other's.
    const script = `n=$(cat "${file}"); sleep 0.05; echo $((n + 1)) > "${file}"`;
    const all = await Promise.all(
      Array.from({ length: 6 }, () => exec(["--lock", "counted", "--", "sh", "-c", script])),
    );
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
    expect((await readFile(file, "utf8")).trim()).toBe("6");
  });

  test("--permits makes the name a semaphore that so many hold at once", async () => {
    const hold = (): Cli =>
      new Cli(
        ["exec", "--lock", "pair", "--permits", "2", "--", "sh", "-c", "echo in; read line"],
        { url: server.url, interactive: true },
      );
    await using first = hold();
    await using second = hold();
    await Promise.all([first.printed(/in/), second.printed(/in/)]);
    const refused = await exec([
      "--lock",
      "pair",
      "--permits",
      "2",
      "--timeout",
      "0",
      "--",
      "true",
    ]);
    expect(refused.code).toBe(75);
    first.write("\n");
    await first.ended;
    const both = await exec(["--semaphore", "pair", "--take", "2", "--timeout", "0", "--", "true"]);
    expect(both.code).toBe(75);
    expect((await exec(["--semaphore", "pair", "--timeout", "0", "--", "true"])).code).toBe(0);
    second.write("\n");
    await second.ended;
    const mismatch = await exec(["--lock", "pair", "--permits", "3", "--", "true"]);
    expect(mismatch.code).toBe(78);
    expect(mismatch.stderr).toMatch(/^latchwork: .+\n$/);
  });

  test("an option behind the command is the command's, also without --", async () => {
    const { code, stdout } = await exec(["--lock", "words", "echo", "--timeout", "-v", "--help"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "--timeout -v --help\n" });
  });
});

describe("the exit code of latchwork exec is the command's, or says why there is none", () => {
  test.each([
    [["sh", "-c", "exit 75"], 75, ""],
    [["sh", "-c", "kill -KILL $$"], 137, ""],
    [["no-such-command"], 127, "latchwork: no-such-command: command not found\n"],
    [["/etc/passwd"], 126, "latchwork: /etc/passwd: cannot be executed: permission denied\n"],
  ])("%j: %d", async (command, code, stderr) => {
    const ended = await exec(["--lock", "codes", "--", ...command]);
    expect(ended).toEqual({ code, stdout: "", stderr });
    expect(await latchwork.lock("codes").isLocked()).toBe(false);
  });

  test("75, or what --conflict-exit-code says: --timeout passed first", async () => {
    await using held = await latchwork.lock("busy").acquire();
    expect(held.token).toBeGreaterThan(0);
    const now = await exec(["--lock", "busy", "--timeout", "0", "--", "echo", "ran"]);
    expect(now).toEqual({
      code: 75,
      stdout: "",
      stderr: "latchwork: The lock busy was not to be had in time; the command was not run.\n",
    });
    const later = await exec([
      "--lock",
      "busy",
      "--timeout",
      "200ms",
      "-E",
      "0",
      "--json",
      "--",
      "echo",
      "ran",
    ]);
    expect(later).toMatchObject({ code: 0, stdout: "" });
    expect(JSON.parse(later.stderr)).toMatchObject({ error: { code: "timeout", exitCode: 0 } });
  });

  test("69: the server cannot be reached, which is said while it is tried", async () => {
    const ended = await exec(["--lock", "x", "--timeout", "1500ms", "--", "echo", "ran"], {
      url: await deadUrl(),
    });
    expect(ended).toMatchObject({ code: 69, stdout: "" });
    expect(ended.stderr).toContain("cannot be reached: ECONNREFUSED. Still trying.");
  });

  test("77: the server wants another token", async () => {
    await using guarded = await startServer({ token: "s3cret" });
    const wrong = await exec(["--lock", "x", "--token", "guess", "--", "echo", "ran"], {
      url: guarded.url,
    });
    expect(wrong).toMatchObject({ code: 77, stdout: "" });
    const env = { LATCHWORK_TOKEN: "s3cret" };
    const right = await exec(["--lock", "x", "--", "echo", "ran"], { url: guarded.url, env });
    expect(right).toEqual({ code: 0, stdout: "ran\n", stderr: "" });
  });

  test.each([
    [["--", "true"], "Say what to hold"],
    [["--lock", "x"], "missing required argument"],
    [["--lock", "x", "--semaphore", "y", "--", "true"], "cannot be used with"],
    [["--lock", "x", "--take", "2", "--", "true"], "--take goes with --permits"],
    [["--lock", "x", "--timeout", "soon", "--", "true"], "a bare number is seconds"],
    [["--lock", "x", "--ttl", "1ms", "--", "true"], "100"],
    [["--lock", "x", "--url", "ftp://x", "--", "true"], "A server's address"],
    [["--lock", "", "--", "true"], "A name is 1 to 512"],
  ])("2: %j", async (args, says) => {
    const { code, stdout, stderr } = await exec(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(says);
  });
});

describe("who waits", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("leaves the line at %s", async (signal) => {
    await using held = await latchwork.lock("line").acquire();
    await using waiting = new Cli(["exec", "--lock", "line", "-v", "--", "echo", "ran"], {
      url: server.url,
    });
    await waiting.printed(/Waiting for the lock line, held by the test for/);
    expect((await latchwork.lock("line").statistics()).tasksWaiting).toBe(1);
    waiting.signal(signal);
    const { code, stdout } = await waiting.ended;
    expect({ code, stdout }).toEqual({ code: signal === "SIGINT" ? 130 : 143, stdout: "" });
    expect((await latchwork.lock("line").statistics()).tasksWaiting).toBe(0);
    await held.release();
  });
});
