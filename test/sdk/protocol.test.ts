import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeMessages,
  decodeRequests,
  encodeMessages,
  encodeRequests,
  LIMITS,
  type Request,
  type ServerMessage,
} from "../../sdk/protocol.ts";

const REQUESTS: readonly Request[] = [
  { id: 1, op: "acquire", permits: 1 },
  { id: 2, op: "acquire", permits: 3, timeoutMs: 0, config: { permits: 3, maxPermits: 9 } },
  { id: 3, op: "acquire", permits: 1, timeoutMs: LIMITS.timeoutMsMax },
  { id: 4, op: "release", token: Number.MAX_SAFE_INTEGER },
  { id: 5, op: "cancel", target: 1 },
  { id: 6, op: "deposit", permits: 2, config: { permits: 0 } },
  { id: 7, op: "statistics" },
  { id: 8, op: "end" },
];

const decode = (...requests: readonly unknown[]): unknown =>
  decodeRequests(JSON.stringify(requests));

describe("a frame of requests", () => {
  it("says what was meant", () => {
    expect(encodeRequests(REQUESTS).map(decodeRequests)).toEqual([{ requests: REQUESTS }]);
  });

  it("may be empty", () => {
    expect(decodeRequests("[]")).toEqual({ requests: [] });
  });

  it("may leave the permits of an acquire out: one", () => {
    expect(decode({ id: 1, op: "acquire" })).toEqual({
      requests: [{ id: 1, op: "acquire", permits: 1 }],
    });
  });

  it("may say more than this version knows, which is left out", () => {
    expect(decode({ id: 1, op: "end", later: true, __proto__: { id: 2 } })).toEqual({
      requests: [{ id: 1, op: "end" }],
    });
  });

  it.each([
    ["", "nothing"],
    ["acquire", "no JSON"],
    ['[{"id":1,"op":"end"}', "half of one"],
    ["null", "null"],
    ["1", "a number"],
    ['{"id":1,"op":"end"}', "a request without its array"],
  ])("is an array in JSON; %j is %s", (text) => {
    expect(decodeRequests(text)).toMatchObject({ fault: { code: "protocol" } });
  });

  it.each([
    [null],
    [[]],
    ["end"],
    [{}],
    [{ op: "end" }],
    [{ id: 1 }],
    [{ id: 0, op: "end" }],
    [{ id: -1, op: "end" }],
    [{ id: 1.5, op: "end" }],
    [{ id: "1", op: "end" }],
    [{ id: Number.MAX_SAFE_INTEGER + 1, op: "end" }],
    [{ id: 1, op: 1 }],
  ])("is a fault as a whole when a request cannot be answered: %j", (request) => {
    expect(decode({ id: 1, op: "end" }, request)).toMatchObject({ fault: { code: "protocol" } });
  });

  it.each([
    [{ op: "lock" }],
    [{ op: "" }],
    [{ op: "toString" }],
    [{ op: "end", config: null }],
    [{ op: "end", config: 1 }],
    [{ op: "statistics", config: { permits: { toString: 1 } } }],
    [{ op: "statistics", config: { permits: 1, more: [[]] } }],
    [{ op: "acquire", permits: "1" }],
    [{ op: "acquire", permits: [1] }],
    [{ op: "acquire", timeoutMs: -1 }],
    [{ op: "acquire", timeoutMs: 0.5 }],
    [{ op: "acquire", timeoutMs: null }],
    [{ op: "acquire", timeoutMs: "1" }],
    [{ op: "acquire", timeoutMs: LIMITS.timeoutMsMax + 1 }],
    [{ op: "release" }],
    [{ op: "release", token: "1" }],
    [{ op: "release", token: -1 }],
    [{ op: "release", token: 2 ** 53 }],
    [{ op: "cancel" }],
    [{ op: "cancel", target: 0.5 }],
    [{ op: "deposit" }],
    [{ op: "deposit", permits: true }],
  ])("%j is answered as malformed, and the rest of the frame stands", (request) => {
    expect(decode({ id: 1, ...request }, { id: 2, op: "end" })).toMatchObject({
      requests: [
        { id: 1, bad: { code: "protocol" } },
        { id: 2, op: "end" },
      ],
    });
  });

  it("frameCharactersMax: has that many characters, and not one more", () => {
    const frame = "[]".padEnd(LIMITS.frameCharactersMax, " ");
    expect(decodeRequests(frame)).toEqual({ requests: [] });
    expect(decodeRequests(`${frame} `)).toMatchObject({
      fault: { code: "limit-exceeded", limit: "frameCharactersMax" },
    });
  });

  it("requestsPerFrameMax: has that many requests, and not one more", () => {
    const requests = Array.from({ length: LIMITS.requestsPerFrameMax }, (_, index) => {
      return { id: index + 1, op: "statistics" } as const;
    });
    expect(encodeRequests(requests).map(decodeRequests)).toEqual([{ requests }]);
    expect(decode(...requests, { id: 9_999, op: "statistics" })).toMatchObject({
      fault: { code: "limit-exceeded", limit: "requestsPerFrameMax" },
    });
  });

  it("is never too deep to be read, or to be answered", () => {
    const depth = 200_000;
    const deep = "[".repeat(depth) + "]".repeat(depth);
    const frame = `[{"id":1,"op":"statistics","config":{"permits":${deep}}}]`;
    expect(decodeRequests(frame)).toMatchObject({ requests: [{ id: 1, bad: {} }] });
    expect(decodeRequests(deep)).toMatchObject({ fault: { code: "protocol" } });
  });
});

/** Requests, and what is almost one. */
const anyRequest = fc.record({
  id: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  permits: fc.integer(),
  token: fc.nat(),
  target: fc.nat(),
  timeoutMs: fc.integer({ min: 0, max: LIMITS.timeoutMsMax }),
  config: fc.record({ permits: fc.nat(), maxPermits: fc.nat() }, { requiredKeys: ["permits"] }),
});
const almostRequest = fc.record(
  {
    id: fc.oneof(fc.nat(), fc.jsonValue()),
    op: fc.oneof(fc.constantFrom(...REQUESTS.map(({ op }) => op)), fc.jsonValue()),
    permits: fc.jsonValue(),
    timeoutMs: fc.jsonValue(),
    token: fc.jsonValue(),
    target: fc.jsonValue(),
    config: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

describe("any frame", () => {
  it("of good requests is read as it was written", () => {
    fc.assert(
      fc.property(anyRequest, ({ id, permits, token, target, timeoutMs, config }) => {
        const requests: Request[] = [
          { id, op: "acquire", permits, timeoutMs, config },
          { id, op: "release", token },
          { id, op: "cancel", target, config },
          { id, op: "deposit", permits },
        ];
        expect(encodeRequests(requests).map(decodeRequests)).toEqual([{ requests }]);
      }),
    );
  });

  it.each([
    ["any text", fc.string({ unit: "binary" })],
    ["any JSON", fc.json()],
    ["almost a frame", fc.array(almostRequest).map((requests) => JSON.stringify(requests))],
  ])("is requests or a fault, and never an exception: %s", (_, text) => {
    fc.assert(
      fc.property(text, (frame) => {
        const decoded = decodeRequests(frame);
        // What was read can be quoted in an answer.
        expect(JSON.stringify(decoded)).not.toBe("");
        for (const request of "fault" in decoded ? [] : decoded.requests) {
          expect(Number.isSafeInteger(request.id)).toBe(true);
          expect("bad" in request || REQUESTS.some(({ op }) => op === request.op)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("a frame of messages", () => {
  it("says what was meant", () => {
    const messages: ServerMessage[] = [
      { re: 1, ok: { token: 7 } },
      { re: 2, error: { code: "timeout", message: "Too late: ⏰" } },
      { notice: "welcome", version: 1, resumed: false, held: [7] },
      { notice: "lost", token: 7, reason: "revoked" },
    ];
    expect(decodeMessages(encodeMessages(messages))).toEqual(messages);
  });

  it.each(["", "no JSON", "null", "{}", "[null]", "[1]", '["re"]'])("is not %j", (text) => {
    expect(decodeMessages(text)).toBeNull();
  });

  it("from any text is messages or null, and never an exception", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const messages = decodeMessages(text);
        expect(messages === null || messages.every((each) => typeof each === "object")).toBe(true);
      }),
    );
  });
});
