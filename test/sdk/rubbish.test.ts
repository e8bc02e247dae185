import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ProtocolError } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { watch } from "../support/sdk/watched.ts";
import { TTL_MS, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

describe("a server that sends rubbish", () => {
  it.for([
    "",
    "{",
    "null",
    "{}",
    "[1]",
    "[null]",
    '[{"re":1}]',
    '[{"re":"1","ok":{}}]',
    '[{"re":1,"ok":null}]',
    '[{"re":1,"ok":7}]',
    '[{"re":1,"error":null}]',
    '[{"re":1,"error":"no"}]',
    '[{"notice":"welcome"}]',
    '[{"notice":"welcome","held":5}]',
    '[{"notice":"welcome","held":["a"]}]',
    '[{"notice":"refused"}]',
    '[{"notice":"refused","error":null}]',
    '[{"notice":"lost"}]',
    '[{"notice":"session-ended"}]',
  ])("breaks the protocol, and whoever waits is told: %s", async (text) => {
    const acquiring = watch(world.lw.lock("a").acquire());
    const socket = await world.socket();
    socket.deliver(text);
    await settle();
    expect(acquiring.error).toBeInstanceOf(ProtocolError);
    expect(socket.state).toBe("closed by client");
    await world.clock.advance(60_000);
    expect([world.server.sockets.length, world.clock.timersCount]).toEqual([1, 0]);
  });

  it("that is no text breaks the protocol, too", async () => {
    const acquiring = watch(world.lw.lock("a").acquire());
    (await world.socket()).deliver(new ArrayBuffer(4));
    await settle();
    expect(acquiring.fate).toBe("protocol");
  });

  it.for([{}, { token: "7" }, { token: 1.5 }])(
    "for a grant has granted nothing: %j",
    async (ok) => {
      const acquiring = watch(world.lw.lock("a").acquire());
      (await world.socket()).deliver(JSON.stringify([{ re: 1, ok }]));
      await settle();
      expect(acquiring.fate).toBe("protocol");
    },
  );

  it("takes no lease with it while the session lives", async () => {
    const { lease, socket } = await world.hold();
    socket.deliver("rubbish");
    await world.clock.advance(TTL_MS);
    expect([lease.signal.aborted, world.server.sockets.length]).toEqual([false, 2]);
  });

  it("is not one that says what a later version may say", async () => {
    const { lease, socket } = await world.hold();
    socket.deliver('[{"notice":"weather","sky":"blue"},{"later":true}]');
    await settle();
    expect([lease.signal.aborted, socket.state]).toEqual([false, "open"]);
  });
});
