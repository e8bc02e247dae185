import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { RawClient, tokenOf } from "../support/raw_client.ts";

test("[LK2] over real sockets a release hands straight to the next waiter", async () => {
  const stub = env.LOCKS.getByName("default/hand-over");
  const first = await RawClient.welcomed(stub);
  const second = await RawClient.welcomed(stub);
  const token = await first.acquire();
  const id = second.post("acquire", { permits: 1 });
  expect(await first.ask("release", { token })).toHaveProperty("ok");
  expect(tokenOf(await second.reply(id))).toBeGreaterThan(token);
});
