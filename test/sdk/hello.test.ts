import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  LIMITS,
  offeredProtocols,
  PROTOCOL_VERSIONS,
  readHello,
  readOffer,
  ttlFault,
  type Hello,
} from "../../sdk/protocol.ts";

const HELLO: Hello = {
  session: "session-id_ABC123",
  secret: "secret-id_ABC1234",
  client: "worker 7 at Ústí 🦑",
  ttlMs: 30_000,
  attempt: 1,
  resume: false,
};

const header = (hello: Hello, token?: string): string => offeredProtocols(hello, token).join(", ");
const readWith = (change: object): unknown => readHello(JSON.stringify({ ...HELLO, ...change }));

describe("an offer of subprotocols", () => {
  it("says who the client is, and bears its token", () => {
    const offer = readOffer(header(HELLO, "tökén, with a comma ✓"));
    expect(offer).toMatchObject({ protocol: "latchwork.v1", version: 1 });
    expect(offer.token).toBe("tökén, with a comma ✓");
    expect(readHello(offer.hello)).toEqual({ hello: HELLO });
  });

  it("is made of characters that a subprotocol may have", () => {
    for (const each of offeredProtocols({ ...HELLO, client: "???>>>ÿÿ" }, "ÿ?>~~~")) {
      expect(each).toMatch(/^[\w.-]+$/);
    }
  });

  it("without a token has none", () => {
    expect(readOffer(header(HELLO)).token).toBeNull();
  });

  it("may bear an empty token, which is another thing", () => {
    expect(readOffer(header(HELLO, "")).token).toBe("");
  });

  it("is handed on without the token, and with all the rest", () => {
    const { withoutToken } = readOffer(header(HELLO, "secret"));
    expect(withoutToken).not.toContain("latchwork.token.");
    expect(readOffer(withoutToken)).toEqual({ ...readOffer(header(HELLO)), withoutToken });
  });

  it("is read with any spaces around its commas", () => {
    const offer = readOffer(offeredProtocols(HELLO, "t").join(" ,"));
    expect(readHello(offer.hello)).toEqual({ hello: HELLO });
  });

  it.each([null, "", "chat", "latchwork", "latchwork.v", "latchwork.v2", "latchwork.v10"])(
    "%j speaks no version that is known here",
    (text) => {
      expect(readOffer(text)).toMatchObject({ version: null, hello: null, token: null });
    },
  );

  it("of other versions only is answered with the first of them, so that the client can be told", () => {
    expect(readOffer("chat, latchwork.v9, latchwork.v8").protocol).toBe("latchwork.v9");
    expect(readOffer("chat").protocol).toBeNull();
  });

  it("of several versions is answered with the best that is known", () => {
    const [best] = PROTOCOL_VERSIONS;
    const offer = readOffer(`latchwork.v999, latchwork.v${best}, chat`);
    expect(offer).toMatchObject({ version: best, protocol: `latchwork.v${best}` });
  });

  it.each(["!", "a", "_w", "4pyT="])(
    "whose parts are not base64url of UTF-8 has none: %j",
    (part) => {
      const offer = readOffer(`latchwork.v1, latchwork.hello.${part}, latchwork.token.${part}`);
      expect([offer.hello, offer.token]).toEqual([null, null]);
    },
  );

  it("gives back any hello and any token", () => {
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(text, text, (client, token) => {
        const offer = readOffer(header({ ...HELLO, client }, token));
        expect(offer.token).toBe(token);
        expect(JSON.parse(offer.hello ?? "")).toEqual({ ...HELLO, client });
      }),
    );
  });

  it("is read from any header without an exception", () => {
    const part = fc.constantFrom("latchwork.v1", "latchwork.hello.", "latchwork.token.", ",", " ");
    const text = fc.array(fc.oneof(part, fc.string())).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (value) => {
        const { withoutToken, hello } = readOffer(value);
        expect(withoutToken).not.toMatch(/(?:^|,\s*)latchwork\.token\./);
        expect(() => readHello(hello)).not.toThrow();
      }),
    );
  });
});

describe("a hello", () => {
  it.each([
    { session: "a".repeat(LIMITS.sessionIdCharactersMin) },
    { secret: "a".repeat(LIMITS.sessionIdCharactersMax) },
    { ttlMs: LIMITS.sessionTtlMsMin },
    { ttlMs: LIMITS.sessionTtlMsMax },
    { client: "🦑".repeat(LIMITS.clientCharactersMax) },
    { attempt: Number.MAX_SAFE_INTEGER },
    { resume: true },
  ])("may say %j", (change) => {
    expect(readWith(change)).toEqual({ hello: { ...HELLO, ...change } });
  });

  it.each([
    { session: "a".repeat(LIMITS.sessionIdCharactersMin - 1) },
    { session: "a".repeat(LIMITS.sessionIdCharactersMax + 1) },
    { secret: "a".repeat(LIMITS.sessionIdCharactersMin - 1) },
    { secret: "a".repeat(LIMITS.sessionIdCharactersMax + 1) },
    { session: "not/base64url-at-all" },
    { session: "session-id_ABC123\n" },
    { session: 1_234_567_890_123_456 },
    { attempt: 0 },
    { attempt: 1.5 },
    { attempt: "1" },
    { resume: 1 },
    { resume: null },
  ])("may not say %j", (change) => {
    expect(readWith(change)).toMatchObject({ fault: { code: "protocol" } });
  });

  it.each(["session", "secret", "attempt", "resume", "client", "ttlMs"])("needs %s", (part) => {
    expect(readWith({ [part]: undefined })).toHaveProperty("fault");
  });

  it.each([
    { ttlMs: LIMITS.sessionTtlMsMin - 1 },
    { ttlMs: LIMITS.sessionTtlMsMax + 1 },
    { ttlMs: 500.5 },
    { ttlMs: "30000" },
    { ttlMs: null },
    { ttlMs: [30_000] },
    { ttlMs: { toString: 1 } },
  ])("has a TTL within the limits; %j is none", (change) => {
    expect(readWith(change)).toMatchObject({ fault: { code: "invalid-argument" } });
  });

  it.each([Number.NaN, Infinity])("has a TTL that is a number to count with, not %d", (ttlMs) => {
    expect(ttlFault(ttlMs)).toMatchObject({ code: "invalid-argument" });
  });

  it.each([null, "", "{", "null", "1", "[]", '"hello"'])("is an object in JSON, not %j", (text) => {
    expect(readHello(text)).toMatchObject({ fault: { code: "protocol" } });
  });

  it("is a hello or a fault, whatever JSON it is", () => {
    const part = fc.jsonValue();
    const almost = fc.record(
      { session: part, secret: part, client: part, ttlMs: part, attempt: part, resume: part },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(almost, fc.boolean(), (change, good) => {
        const read = readHello(JSON.stringify(good ? { ...HELLO, ...change } : change));
        expect("hello" in read || read.fault.message !== "").toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
