import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, UnauthorizedError } from "../../sdk/index.ts";
import { bundled, COMPATIBILITY_DATE } from "../support/bundle.ts";
import { temporaryFolder } from "../support/folders.ts";

interface Cast {
  readonly miniflare: Miniflare;
  /** The open server, and one that was not told whom to serve. */
  readonly open: URL;
  readonly closed: URL;
}

let cast: Cast | null = null;

/** Latchwork's Worker, twice, and a program of somebody's own beside the first. */
beforeAll(async () => {
  await using folder = await temporaryFolder();
  const [latchwork, second] = await Promise.all([
    bundled("worker/index.ts", join(folder.path, "latchwork")),
    bundled("test/worker/support/second_worker.ts", join(folder.path, "second")),
  ]);
  const common = { modules: true as const, compatibilityDate: COMPATIBILITY_DATE };
  const server = {
    ...common,
    script: latchwork,
    durableObjects: {
      LOCKS: { className: "LockObject", useSQLite: true },
      SEMAPHORES: { className: "SemaphoreObject", useSQLite: true },
    },
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  };
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [
        { ...server, name: "latchwork", bindings: { LATCHWORK_OPEN: "true" } },
        { ...server, name: "closed" },
        {
          ...common,
          name: "second",
          script: second,
          serviceBindings: { LATCHWORK: "latchwork" },
          durableObjects: { LOCKS: { className: "LockObject", scriptName: "latchwork" } },
        },
      ],
    }),
  );
  cast = {
    miniflare,
    open: await miniflare.unsafeGetDirectURL("latchwork"),
    closed: await miniflare.unsafeGetDirectURL("closed"),
  };
});

afterAll(async () => {
  await cast?.miniflare.dispose();
});

function theCast(): Cast {
  if (cast === null) throw new Error("The Workers have not started.");
  return cast;
}

async function askSecond(path: string): Promise<unknown> {
  const second = await theCast().miniflare.getWorker("second");
  return (await second.fetch(`http://second${path}`)).json();
}

test("[LK1, LK4, LE2] a second Worker, by service and by binding, meets clients from outside at the same lock", async () => {
  await using outside = connect(theCast().open.href, { client: "from outside" });
  const lease = await outside.lock("shared").acquire();
  const held = { locked: true, owner: { client: "from outside", token: lease.token } };
  expect(await askSecond("/inspect-by-service")).toMatchObject(held);
  expect(await askSecond("/inspect-by-binding")).toMatchObject(held);
  expect(await askSecond("/try-acquire")).toMatchObject({ re: 1, error: { code: "timeout" } });

  await lease.release();
  const grant = (await askSecond("/try-acquire")) as { ok: { token: number } };
  expect(grant.ok.token).toBeGreaterThan(lease.token);
});

test("a client that is refused learns why, over a real socket", async () => {
  await using outside = connect(theCast().closed.href);
  const acquiring = outside.lock("x").acquire();
  await expect(acquiring).rejects.toThrow(UnauthorizedError);
  await expect(acquiring).rejects.toThrow("LATCHWORK_TOKEN");
});

test("a path is read as it came over the wire", async () => {
  await using outside = connect(theCast().open.href);
  const { origin } = theCast().open;
  for (const name of ["a/b", "a%2Fb", "100%", "..", "🔒 +"]) {
    await using lease = await outside.lock(name).acquire();
    const path = `${origin}/v1/default/lock?name=${encodeURIComponent(name)}`;
    expect(await (await fetch(path)).json()).toMatchObject({ owner: { token: lease.token } });
  }
  const malformed = await fetch(`${origin}/v1/default/lock/100%`);
  expect(await malformed.json()).toMatchObject({ status: 400, code: "invalid-argument" });
});

test("a Host that is none is answered like any address where nothing is", async () => {
  const asking = request(theCast().open, { path: "/healthz", headers: { Host: "a b" } }).end();
  const [response] = (await once(asking, "response")) as [IncomingMessage];
  expect(response.headers["content-type"]).toBe("application/problem+json");
  expect(await json(response)).toMatchObject({ status: 404, code: "protocol" });
});
