import { createServer, type AddressInfo } from "node:net";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { connect } from "../../sdk/index.ts";
import { startServer } from "../../server/index.ts";
import { temporaryFolder } from "../support/folders.ts";
import { Shell } from "../support/shell.ts";

const ADDRESS = /listening on (http:\S+)/;

function serve(dir: string, ...args: string[]): Shell {
  return new Shell(["serve", "--dir", dir, "--port", "0", ...args]);
}

describe("latchwork serve", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "prints its address, stops at %s with a client connected, and says so",
    async (signal) => {
      await using folder = await temporaryFolder();
      await using shell = serve(folder.path);
      await using latchwork = connect(await shell.line(ADDRESS), { sessionTtlMs: 1_000 });
      await latchwork.lock("held").acquire();
      shell.signal(signal);
      const { code, output } = await shell.ended;
      expect(code).toBe(0);
      expect(output).toContain(`Stopped by ${signal}.`);
    },
  );

  test("[LE1] [LE2] finds everything again when it is started anew", async () => {
    await using folder = await temporaryFolder();
    await using first = serve(folder.path);
    const url = await first.line(ADDRESS);
    const latchwork = connect(url, { client: "the holder" });
    const lease = await latchwork.lock("kept").acquire();
    first.signal("SIGTERM");
    await first.ended;

    await using second = serve(folder.path, "--port", new URL(url).port);
    await second.line(ADDRESS);
    expect(await latchwork.lock("kept").statistics()).toMatchObject({
      locked: true,
      owner: { client: "the holder", token: lease.token },
    });
    expect(lease.signal.aborted).toBe(false);
    await lease.release();
    expect((await latchwork.lock("kept").acquire()).token).toBeGreaterThan(lease.token);
    await latchwork.close();
  });

  test("listens on the loopback unless it is told otherwise, and then only with a token", async () => {
    await using folder = await temporaryFolder();
    await using shell = serve(folder.path);
    expect(new URL(await shell.line(ADDRESS)).hostname).toBe("127.0.0.1");
    const { code, output } = await serve(folder.path, "--host", "0.0.0.0").ended;
    expect(code).toBe(1);
    expect(output).toContain("LATCHWORK_TOKEN");
  });

  test("serves whoever shows the token that it was given", async () => {
    await using folder = await temporaryFolder();
    await using shell = new Shell(["serve", "--dir", folder.path, "--port", "0"], {
      LATCHWORK_TOKEN: "s3cret",
    });
    const url = await shell.line(ADDRESS);
    await using stranger = connect(url);
    await expect(stranger.lock("x").acquire()).rejects.toMatchObject({ code: "unauthorized" });
    await using friend = connect(url, { token: "s3cret" });
    expect((await friend.lock("x").acquire()).token).toBeGreaterThan(0);
  });

  test.each([
    [["--port", "80a"], "A port is a whole number"],
    [["--port", "65536"], "A port is a whole number"],
    [["--prot", "1"], "--prot"],
    [["more"], "more"],
  ])("%j is an error that says what can be said", async (args, expected) => {
    await using folder = await temporaryFolder();
    const { code, output } = await new Shell(["serve", "--dir", folder.path, ...args]).ended;
    expect(code).toBeGreaterThan(0);
    expect(output).toContain(expected);
  });

  test("no command, or one that is none, prints the help", async () => {
    const ends = await Promise.all(
      [[], ["sevre"], ["serve", "--help"]].map((args) => new Shell(args).ended),
    );
    expect(ends.map(({ code }) => code)).toEqual([2, 2, 0]);
    for (const { output } of ends) expect(output).toContain("latchwork serve [--port N]");
  });
});

describe("what keeps a server from starting is said in words", () => {
  test("a port that is taken", async () => {
    await using taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as AddressInfo;
    await using folder = await temporaryFolder();
    const { code, output } = await serve(folder.path, "--port", String(port)).ended;
    expect(code).toBe(1);
    expect(output).toContain(`Port ${port} of 127.0.0.1 is taken by another program`);
  });

  test("a folder that is another server's, which goes on unharmed", async () => {
    await using folder = await temporaryFolder();
    // Deeper than the path of a socket may be long.
    const dir = join(folder.path, "deep".repeat(40));
    await using server = await startServer({ dir });
    const { code, output } = await serve(dir).ended;
    expect(code).toBe(1);
    expect(output).toContain(`The folder ${dir} is in use by another server`);
    await expect(startServer({ dir })).rejects.toThrow("in use");
    await using latchwork = connect(server.url);
    expect(await latchwork.lock("x").tryAcquire()).not.toBeNull();
  });

  test("of two servers that start at once in one folder, one is told that it is in use", async () => {
    await using folder = await temporaryFolder();
    const { path: dir } = folder;
    const dead = await startServer({ dir });
    await dead.kill();
    const starts = await Promise.allSettled([startServer({ dir }), startServer({ dir })]);
    const started = starts.filter((start) => start.status === "fulfilled");
    await Promise.all(started.map(({ value }) => value.stop()));
    expect(started).toHaveLength(1);
    expect(starts.find(({ status }) => status === "rejected")).toMatchObject({
      reason: {
        message: `The folder ${dir} is in use by another server: stop that one, or choose another folder with --dir (option dir).`,
      },
    });
  });

  test("a folder that cannot be", async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "file");
    await writeFile(file, "");
    const { code, output } = await serve(join(file, "state")).ended;
    expect(code).toBe(1);
    expect(output).toContain(`The folder ${join(file, "state")} cannot be written (ENOTDIR`);
  });

  test.each([-1, 1.5, 65_536, Number.NaN])("port %d", async (port) => {
    await expect(startServer({ port })).rejects.toThrow("A port is a whole number");
  });
});

test("a program's server takes a free port and a temporary folder, which goes with it", async () => {
  const servers = await Promise.all([startServer(), startServer({ host: "localhost" })]);
  expect(servers[0].port).not.toBe(servers[1].port);
  for (const { url } of servers) expect((await fetch(`${url}/healthz`)).status).toBe(200);
  await Promise.all(servers.map((server) => server.stop()));
  await Promise.all(servers.map(({ exited }) => exited));
  for (const { dir, url } of servers) {
    await expect(fetch(url)).rejects.toThrow("fetch failed");
    await using again = await startServer({ dir });
    expect(again.dir).toBe(dir);
  }
});
