import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Connection } from "../../sdk/connection.ts";
import { Connections } from "../../sdk/connections.ts";
import { COMMON } from "../../sdk/errors.ts";
import { settle } from "../support/sdk/clock.ts";
import { unreachable } from "../support/sdk/scripted_server.ts";
import { watch } from "../support/sdk/watched.ts";
import { TTL_MS, World } from "../support/sdk/world.ts";

const NAMES = 1_000;

let world: World;
let connections: Connections;
beforeEach(() => {
  world = new World();
  connections = new Connections();
});
afterEach(() => world.end());

function at(name: string): Connection {
  const url = `wss://locks.example/v1/tests/lock/${name}`;
  return connections.at(url, () => {
    const { environment } = world;
    const token = (): undefined => undefined;
    const client = { environment, client: "ann", ttlMs: TTL_MS, token, errors: COMMON };
    return new Connection({ ...client, url, connections });
  });
}

describe("the connections of a client", () => {
  it("are one for each name, for as long as anything depends on it", async () => {
    const held = at("held");
    watch(held.ask({ op: "wait" }));
    for (let count = 0; count < NAMES; count += 1) at(String(count));
    expect(at("held")).toBe(held);
    await settle();
    const closing = watch(connections.close());
    world.server.manner = unreachable;
    await world.clock.advance(TTL_MS);
    expect(closing.fate).toBe("resolved");
  });

  it("are few where many names were named, and none was used", () => {
    for (let count = 0; count < NAMES; count += 1) at(String(count));
    expect(connections.size).toBeLessThan(NAMES / 2);
  });

  it("are few where no server was reached under many names", async () => {
    world.server.manner = unreachable;
    for (let count = 0; count < NAMES; count += 1) {
      const call = watch(at(String(count)).ask({ op: "statistics" }));
      await world.clock.advance(TTL_MS);
      expect(call.fate).toBe("connection-lost");
    }
    expect(connections.size).toBeLessThan(NAMES / 2);
  });

  it("that were cut off while at rest are kept for as long as their sessions may live", async () => {
    for (const name of ["a", "b"]) {
      const asking = at(name).ask({ op: "statistics" });
      const socket = await world.socket();
      socket.answer(socket.asked("statistics"), { locked: false, owner: null, tasksWaiting: 0 });
      await asking;
      socket.drop();
      await settle();
    }
    const cutOff = at("a");
    for (let count = 0; count < NAMES; count += 1) at(String(count));
    expect(at("a")).toBe(cutOff);
    await world.clock.advance(TTL_MS);
    for (let count = 0; count < NAMES; count += 1) at(String(count));
    expect(at("a")).not.toBe(cutOff);
  });
});
