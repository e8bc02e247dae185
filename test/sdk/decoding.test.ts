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

const GOOD: readonly Request[] = [
  { id: 1, op: "acquire", permits: 1, borrower: "tenant-9" },
  { id: 2, op: "set" },
  { id: 3, op: "clear" },
  { id: 4, op: "wait" },
  { id: 5, op: "wait", token: 0, timeoutMs: 0 },
  { id: 6, op: "notify", token: 7 },
  { id: 7, op: "notify", token: 7, count: 0 },
  { id: 8, op: "return", borrower: "ü 🙂" },
  { id: 9, op: "set-total", totalTokens: 0, config: { totalTokens: 4 } },
  { id: 10, op: "set-total", totalTokens: null, config: { totalTokens: null } },
  { id: 11, op: "set-total", totalTokens: -1.5 },
  { id: 12, op: "open", side: "send", config: { maxBufferSize: null } },
  { id: 13, op: "open", side: "receive", from: 7 },
  { id: 14, op: "send", end: 7, item: "" },
  { id: 15, op: "send", end: 7, item: '{"a":"\\""}', timeoutMs: LIMITS.timeoutMsMax },
  { id: 16, op: "receive", end: 7 },
  { id: 17, op: "receive", end: 7, max: 1, timeoutMs: 0 },
  { id: 18, op: "receive", end: 7, max: LIMITS.unconfirmedMax },
  { id: 19, op: "confirm", items: [] },
  { id: 34, op: "confirm" },
  { id: 35, op: "send", item: "1" },
  { id: 36, op: "receive" },
  { id: 20, op: "confirm", items: Array.from({ length: LIMITS.unconfirmedMax }, (_, seq) => seq) },
  { id: 21, op: "reset" },
];

const NO_COUNTS = [-1, 0.5, "1", null, 2 ** 53, [1], true];
const withField = (op: object, name: string, value: unknown): object => ({ ...op, [name]: value });
const optional = (op: object, name: string): object[] =>
  NO_COUNTS.map((value) => withField(op, name, value));
const required = (op: object, name: string): object[] => [op, ...optional(op, name)];

const BAD: readonly object[] = [
  ...optional({ op: "wait" }, "token"),
  ...optional({ op: "wait" }, "timeoutMs"),
  ...required({ op: "notify" }, "token"),
  ...optional({ op: "notify", token: 1 }, "count"),
  ...optional({ op: "open", side: "send" }, "from"),
  ...optional({ op: "send", item: "1" }, "end"),
  ...optional({ op: "send", end: 1, item: "1" }, "timeoutMs"),
  ...optional({ op: "receive" }, "end"),
  ...optional({ op: "receive", end: 1 }, "timeoutMs"),
  ...optional({ op: "receive", end: 1 }, "max"),
  { op: "receive", end: 1, max: 0 },
  { op: "receive", end: 1, max: LIMITS.unconfirmedMax + 1 },
  { op: "send", end: 1 },
  { op: "send", end: 1, item: null },
  { op: "send", end: 1, item: 1 },
  { op: "send", end: 1, item: { a: 1 } },
  { op: "open" },
  { op: "open", side: "both" },
  { op: "open", side: null },
  { op: "confirm", items: 1 },
  { op: "confirm", items: { length: 0 } },
  { op: "confirm", items: [1, "2"] },
  { op: "confirm", items: [-1] },
  { op: "confirm", items: Array.from({ length: LIMITS.unconfirmedMax + 1 }, (_, seq) => seq) },
  { op: "return" },
  { op: "return", borrower: "" },
  { op: "return", borrower: 1 },
  { op: "return", borrower: "n".repeat(LIMITS.nameCharactersMax + 1) },
  { op: "acquire", borrower: null },
  { op: "acquire", borrower: "a\u0000b" },
  { op: "set-total" },
  { op: "set-total", totalTokens: "1" },
  { op: "set-total", totalTokens: [1] },
  { op: "reset", config: { maxBufferSize: "1" } },
  { op: "reset", config: [[]] },
];

describe("a request", () => {
  it("says what was meant, whichever it is", () => {
    expect(encodeRequests(GOOD).map(decodeRequests)).toEqual([{ requests: GOOD }]);
  });

  it.each(GOOD)("$op leaves out what it does not know", (request) => {
    const frame = JSON.stringify([{ ...request, later: [1], seq: 5 }]);
    expect(decodeRequests(frame)).toEqual({ requests: [request] });
  });

  it.each(BAD.map((request) => [JSON.stringify(request).slice(0, 60), request] as const))(
    "%s is answered as malformed, and the rest of the frame stands",
    (_, request) => {
      const frame = JSON.stringify([
        { ...request, id: 1 },
        { id: 2, op: "set" },
      ]);
      expect(decodeRequests(frame)).toMatchObject({
        requests: [
          { id: 1, bad: { code: "protocol" } },
          { id: 2, op: "set" },
        ],
      });
    },
  );
});

const count = fc.nat();
const item = fc.oneof(
  { weight: 6, arbitrary: fc.json({ maxDepth: 2 }) },
  fc.nat(LIMITS.itemCharactersMax).map((length) => '"'.repeat(length)),
  fc.constant("x".repeat(LIMITS.itemCharactersMax)),
);
const anyBody = fc.oneof(
  fc.record({ op: fc.constant("send"), end: count, item } as const),
  fc.record({ op: fc.constant("confirm"), items: fc.array(count, { maxLength: 50 }) } as const),
  fc.record({ op: fc.constant("receive"), end: count, timeoutMs: count } as const),
  fc.record({ op: fc.constant("return"), borrower: fc.constantFrom("x", "ü🙂") } as const),
  fc.record({ op: fc.constantFrom("set", "statistics") } as const),
);
const anyRequests = fc
  .tuple(fc.array(anyBody, { maxLength: 60, size: "max" }), fc.nat(60), fc.nat(2_500))
  .map(([bodies, at, quietCount]): Request[] => {
    const quiet = Array.from({ length: quietCount }, () => ({ op: "clear" }) as const);
    const all = [...bodies.slice(0, at), ...quiet, ...bodies.slice(at)];
    const numbered = (body: (typeof all)[number], id: number): Request => ({ id, ...body });
    return all.map((body, index) => numbered(body, index + 1));
  });

describe("any requests", () => {
  it("go out in frames that a server takes, in their order, and in no more than need be", () => {
    fc.assert(
      fc.property(anyRequests, (requests) => {
        const frames = encodeRequests(requests);
        const read = frames.flatMap((frame) => {
          const decoded = decodeRequests(frame);
          if ("fault" in decoded) throw new Error(decoded.fault.message);
          expect(decoded.requests.length).toBeGreaterThan(0);
          return decoded.requests;
        });
        expect(read).toEqual(requests);
        for (const [index, frame] of frames.slice(1).entries()) {
          const previous = frames[index] ?? "";
          const [first] = JSON.parse(frame) as unknown[];
          const isFull =
            previous.length + JSON.stringify(first).length + 1 > LIMITS.frameCharactersMax ||
            (JSON.parse(previous) as unknown[]).length === LIMITS.requestsPerFrameMax;
          expect(isFull).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it("frameCharactersMax: fill a frame to its last character", () => {
    const of = (id: number, length: number): Request => {
      return { id, op: "send", end: 1, item: "x".repeat(length) };
    };
    const overhead = JSON.stringify([of(1, 0), of(2, 0)]).length;
    const half = LIMITS.frameCharactersMax / 2;
    const full = [of(1, half), of(2, half - overhead)];
    expect(encodeRequests(full).map(({ length }) => length)).toEqual([LIMITS.frameCharactersMax]);
    expect(encodeRequests([of(1, half), of(2, half - overhead + 1)])).toHaveLength(2);
  });
});

describe("a server's message", () => {
  it("says what was meant, whichever it is", () => {
    const messages: ServerMessage[] = [
      { re: 1, ok: { remembered: true } },
      { re: 2, ok: { token: 7, woken: "timed-out" } },
      { re: 3, ok: { items: [{ seq: 1, item: "null", redelivered: true }] } },
      { re: 4, ok: { applied: false } },
      { notice: "returned", token: 7 },
      { notice: "session-ended", reason: "expired" },
    ];
    expect(decodeMessages(encodeMessages(messages))).toEqual(messages);
  });

  it.each([{}, { token: "7" }, { token: -1 }, { token: 0.5 }, { token: null }])(
    "of what was returned names a token, not %j",
    (fields) => {
      expect(decodeMessages(JSON.stringify([{ notice: "returned", ...fields }]))).toBeNull();
    },
  );
});
