import { beforeEach, describe, expect, test } from "vitest";
import { LIMITS } from "../../sdk/protocol.ts";
import { errorOf, type RawClient } from "../support/raw_client.ts";
import { stopClock } from "./support/clock.ts";
import { lock } from "./support/named_object.ts";

beforeEach(stopClock);

const TRY = '{"id":2,"op":"acquire","permits":1,"timeoutMs":0}';

/** A frame of so many statistics requests. */
function frameOf(count: number): string {
  return JSON.stringify(Array.from({ length: count }, (_, i) => ({ id: i + 2, op: "statistics" })));
}

const BROKEN: readonly { what: string; frame: string | Uint8Array<ArrayBuffer>; code: string }[] = [
  { what: "is not JSON", frame: "[{", code: "protocol" },
  { what: "is empty", frame: "", code: "protocol" },
  { what: "is no array", frame: TRY, code: "protocol" },
  {
    what: "is binary",
    frame: Uint8Array.from(`[${TRY}]`, (each) => each.charCodeAt(0)),
    code: "protocol",
  },
  { what: "holds no object", frame: `[${TRY},7]`, code: "protocol" },
  { what: "holds null", frame: `[${TRY},null]`, code: "protocol" },
  { what: "has a request without an id", frame: `[${TRY},{"op":"end"}]`, code: "protocol" },
  { what: "has a request without an op", frame: `[${TRY},{"id":3}]`, code: "protocol" },
  { what: "has an id of 0", frame: `[{"id":0,"op":"end"}]`, code: "protocol" },
  { what: "has an id that is no whole number", frame: `[{"id":2.5,"op":"end"}]`, code: "protocol" },
  { what: "repeats an id", frame: `[${TRY},${TRY}]`, code: "protocol" },
  { what: "has an id that falls", frame: `[{"id":1,"op":"end"}]`, code: "protocol" },
  {
    what: "has a request too many",
    frame: frameOf(LIMITS.requestsPerFrameMax + 1),
    code: "limit-exceeded",
  },
  {
    what: "has a character too many",
    frame: `[${TRY}]`.padEnd(LIMITS.frameCharactersMax + 1),
    code: "limit-exceeded",
  },
];

function send(client: RawClient, frame: string | Uint8Array<ArrayBuffer>): void {
  if (typeof frame === "string") client.sendText(frame);
  else client.sendBytes(frame);
}

describe("a frame that", () => {
  test.each(BROKEN)("$what is refused, closes its socket, and harms nobody", async (broken) => {
    const object = lock(broken.what);
    const [holder, other] = [await object.welcomed(), await object.welcomed()];
    const token = await holder.acquire();
    const waiting = other.post("acquire", { permits: 1 });
    await other.ask("statistics", {});
    send(holder, broken.frame);
    expect(await holder.notice("refused")).toMatchObject({ error: { code: broken.code } });
    expect(await holder.closed).toMatchObject({ code: 4400 });
    const { sessions } = await object.disk();
    const session = sessions.find(({ id }) => id === holder.hello.session);
    expect(session).toMatchObject({ expires_at_ms: Date.now() + holder.hello.ttlMs });

    expect(await other.ask("statistics", {})).toMatchObject({ ok: { locked: true } });
    const back = await object.open(holder.again());
    expect(await back.notice("welcome")).toMatchObject({ resumed: true, held: [token] });
    await back.ask("release", { token });
    expect(await other.reply(waiting)).toHaveProperty("ok");
    expect(other.unread).toEqual([]);
  });

  test("has as many requests as it may is served", async () => {
    const client = await lock("requests-max").welcomed();
    client.sendText(frameOf(LIMITS.requestsPerFrameMax));
    expect(await client.reply(LIMITS.requestsPerFrameMax + 1)).toHaveProperty("ok");
  });

  test("has as many characters as it may is served", async () => {
    const client = await lock("characters-max").welcomed();
    client.sendText(`[${TRY}]`.padEnd(LIMITS.frameCharactersMax));
    expect(await client.reply(2)).toHaveProperty("ok");
  });

  test("is no frame at all applies nothing, not even the good requests in it", async () => {
    const object = lock("nothing-applied");
    const client = await object.welcomed();
    client.sendText(`[${TRY},7]`);
    await client.closed;
    expect(await object.stub.inspect()).toMatchObject({ locked: false });
  });
});

describe("a request that is malformed, with an id that can be read,", () => {
  test.each([
    ["op", `{"id":2,"op":"conjure"}`],
    ["permits", `{"id":2,"op":"acquire","permits":"many"}`],
    ["timeoutMs", `{"id":2,"op":"acquire","timeoutMs":-1}`],
    ["token", `{"id":2,"op":"release","token":"t"}`],
    ["target", `{"id":2,"op":"cancel"}`],
    ["config", `{"id":2,"op":"statistics","config":[[]]}`],
  ])("is answered alone: the rest of the frame stands (%s)", async (what, request) => {
    const client = await lock(`bad-${what}`).welcomed();
    client.sendText(`[{"id":1,"op":"acquire"},${request},{"id":3,"op":"statistics"}]`);
    expect(errorOf(await client.reply(2))).toBe("protocol");
    expect(await client.reply(1)).toHaveProperty("ok");
    expect(await client.reply(3)).toMatchObject({ ok: { locked: true } });
  });
});
