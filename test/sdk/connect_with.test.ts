import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import {
  ClosedResourceError,
  connectWith,
  Event,
  InvalidArgumentError,
  Lock,
  OverReleaseError,
  ProtocolError,
  Semaphore,
  Stream,
  type Latchwork,
  type LatchworkWith,
} from "../../sdk/index.ts";
import { clientOf, type PrimitiveClasses } from "../../sdk/client_of.ts";
import * as everything from "../../sdk/index.ts";
import { KINDS } from "../../sdk/names.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, World } from "../support/sdk/world.ts";

const URL = "http://127.0.0.1:8787";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

/** As `connectWith`, in the test's world. */
function clientWith<Classes extends Partial<PrimitiveClasses>>(kinds: Classes) {
  const { environment } = world;
  const settings = { base: "wss://locks.example", namespace: "tests", client: "ann" };
  return clientOf({ ...settings, environment, ttlMs: 10_000, token: () => undefined }, kinds);
}

describe("connectWith", () => {
  it("makes a client that has the methods that were named, and can be closed", () => {
    const client = connectWith(URL, { lock: Lock, event: Event });
    expect(Object.keys(client).toSorted()).toEqual(["close", "event", "lock"]);
    expect(client.lock("a")).toBeInstanceOf(Lock);
    expect(client.event("a")).toBeInstanceOf(Event);
    expect(client[Symbol.asyncDispose]).toBeTypeOf("function");
  });

  it("types them as connect does, and no others", () => {
    const client = connectWith(URL, { lock: Lock, stream: Stream });
    expectTypeOf(client).toEqualTypeOf<LatchworkWith<"lock" | "stream">>();
    expectTypeOf(client).not.toHaveProperty("event");
    expectTypeOf(client.stream<number>("a")).toEqualTypeOf<Stream<number>>();
    expectTypeOf<Latchwork>().toExtend<typeof client>();
  });

  it.each(["", "127.0.0.1:8787"])("takes no address such as %j", (url) => {
    expect(() => connectWith(url, { lock: Lock })).toThrow(InvalidArgumentError);
  });

  it.each(KINDS)("can be given the class of a %s: it is exported", (kind) => {
    const handle: object = everything.connect(URL)[kind]("a");
    expect(Object.values(everything)).toContain(handle.constructor);
  });

  it("takes the options of connect", () => {
    expect(() => connectWith(URL, { lock: Lock }, { namespace: "Upper" })).toThrow(
      InvalidArgumentError,
    );
  });
});

describe("a client of some primitives", () => {
  it("takes no bad name, and makes no handle once it is closed", async () => {
    const client = clientWith({ lock: Lock });
    expect(() => client.lock("")).toThrow(InvalidArgumentError);
    await client.close();
    expect(() => client.lock("a")).toThrow(ClosedResourceError);
  });

  it("acquires and releases, and gives back at its end what it holds", async () => {
    const client = clientWith({ lock: Lock });
    const acquiring = watch(client.lock("a").acquire());
    const socket = await world.socket();
    expect(new globalThis.URL(socket.url).pathname).toBe("/v1/tests/lock/a");
    socket.answer(socket.asked("acquire"), { token: TOKEN });
    await world.clock.advance(0);
    expect(acquiring.value).toMatchObject({ token: TOKEN });
    const closing = watch(client[Symbol.asyncDispose]());
    await world.clock.advance(0);
    socket.answer(socket.asked("end"));
    await world.clock.advance(0);
    expect(closing.fate).toBe("resolved");
  });

  it("passes a handle's own options on", async () => {
    const client = clientWith({ semaphore: Semaphore });
    watch(client.semaphore("a", { permits: 2 }).acquire());
    const socket = await world.socket();
    expect(socket.asked("acquire").config).toEqual({ permits: 2 });
    await closed(client);
  });

  it.each([
    ["knows the errors of its primitives", { semaphore: Semaphore }, OverReleaseError],
    ["takes those of others for a broken protocol", {}, ProtocolError],
  ] as const)("%s", async (_, others, expected) => {
    const client = clientWith({ lock: Lock, ...others });
    const asking = watch(client.lock("a").isLocked());
    const socket = await world.socket();
    socket.reject(socket.asked("statistics"), { code: "over-release", message: "Too many." });
    await world.clock.advance(0);
    expect(asking.error).toBeInstanceOf(expected);
    expect((asking.error as Error).message).toContain("Too many.");
    await closed(client);
  });

  async function closed(client: Pick<Latchwork, "close">): Promise<void> {
    const closing = watch(client.close());
    await world.clock.advance(5_000);
    expect(closing.fate).toBe("resolved");
  }
});
