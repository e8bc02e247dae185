import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type Latchwork } from "../../sdk/index.ts";
import { startServer, type EmbeddedServer } from "../../server/index.ts";
import { cli, Cli } from "../support/cli.ts";
import { until } from "../support/until.ts";

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

function isAlive(pid: string | undefined): boolean {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}

async function revoke(name: string): Promise<void> {
  const { owner } = await latchwork.lock(name).statistics();
  const { code } = await cli(["revoke", name, String(owner?.token)], { url: server.url });
  expect(code).toBe(0);
}

/** A child of a child; one whose parent has ended; and a command that wants to live. */
const FAMILY = `
  sh -c 'sh -c "echo grandchild=\\$\\$; exec sleep 600" & wait' &
  (sh -c 'echo orphan=$$; exec sleep 600' &)
  trap '' TERM
  echo command=$$
  while :; do sleep 600 & wait; done`;

describe.each([{ terminal: false }, { terminal: true }])(
  "latchwork exec, terminal: $terminal",
  ({ terminal }) => {
    test("ends the command and all that it has started when the lock is taken away: 76", async () => {
      await using running = new Cli(
        ["exec", "--lock", `family-${terminal}`, "--kill-after", "500ms", "--", "sh", "-c", FAMILY],
        { url: server.url, terminal },
      );
      const pids = await Promise.all(
        ["grandchild", "orphan", "command"].map(
          async (who) => (await running.printed(new RegExp(`${who}=(\\d+)`)))[1],
        ),
      );
      expect(pids.map(isAlive)).toEqual([true, true, true]);
      await revoke(`family-${terminal}`);
      const { code, stdout, stderr } = await running.ended;
      expect(code).toBe(76);
      expect(stdout + stderr).toContain(
        `The lock family-${terminal} was lost (revoked): the command is being ended.`,
      );
      await until(() => !pids.some(isAlive), new Promise(() => {}));
    });
  },
);

test("a command that ends when it is asked to is not waited for any longer", async () => {
  await using running = new Cli(
    [
      "exec",
      "--lock",
      "polite",
      "--kill-after",
      "1h",
      "--",
      "sh",
      "-c",
      "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done",
    ],
    { url: server.url },
  );
  await running.printed(/up/);
  await revoke("polite");
  expect(await running.ended).toMatchObject({ code: 76, stdout: "up\nbye\n" });
});

test("[LE4] a command ends when the server is not heard any more", async () => {
  await using lonely = await startServer();
  await using running = new Cli(
    ["exec", "--lock", "lonely", "--ttl", "1s", "--", "sh", "-c", "echo up; exec sleep 600"],
    { url: lonely.url },
  );
  await running.printed(/up/);
  await lonely.kill();
  const { code, stderr } = await running.ended;
  expect(code).toBe(76);
  expect(stderr).toContain("was lost (expired)");
});
