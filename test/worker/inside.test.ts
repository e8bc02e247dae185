import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { HonoEnv } from "../../worker/env.ts";
import { latchworkClient } from "../../worker/rpc/client.ts";

describe("a client of the Worker's own objects", () => {
  test("[LK1] holds a lock, and has it back", async () => {
    await using latchwork = latchworkClient<HonoEnv>(env, { client: "inside" });
    const lock = latchwork.lock("inside");
    await using lease = await lock.acquire();
    expect(await lock.statistics()).toMatchObject({
      owner: { client: "inside", token: lease.token },
    });
  });

  test("is told at once of a binding that is not there", async () => {
    await using latchwork = latchworkClient<HonoEnv>({});
    await expect(latchwork.lock("nowhere").acquire()).rejects.toThrow("LOCKS");
  });
});
