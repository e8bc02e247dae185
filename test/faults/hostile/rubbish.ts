import type { Random } from "../../simulation/world/random.ts";
import { OPCODES, type RawFrame } from "./raw_socket.ts";

const OPS = [
  ..."acquire release cancel deposit set clear wait notify return set-total".split(" "),
  ..."open send receive confirm reset statistics constructor __proto__ toString".split(" "),
];
const FIELDS = [
  ..."permits timeoutMs token target config borrower totalTokens count".split(" "),
  ..."side from end item max items __proto__ constructor".split(" "),
];

/** Frames that are well formed as frames, and say what nobody should. */
export const RUBBISH: Record<string, (random: Random) => RawFrame> = {
  "random bytes as text": (random) => ({ payload: bytes(random, random.int(0, 300)) }),
  "random bytes as binary": (random) => ({
    opcode: OPCODES.binary,
    payload: bytes(random, random.int(0, 300)),
  }),
  "JSON of another shape": (random) => ({ payload: JSON.stringify(value(random, 4)) }),
  "an array of anything": (random) => ({
    payload: JSON.stringify(Array.from({ length: random.int(0, 5) }, () => value(random, 3))),
  }),
  "requests with anything in their fields": (random) => ({
    payload: JSON.stringify(
      Array.from({ length: random.int(1, 20) }, (_, at) => request(random, at)),
    ),
  }),
  "deep nesting": (random) => {
    const depth = random.int(1_000, 500_000);
    const [open, close] = random.pick([
      ["[", "]"],
      ['{"id":1,"op":', "}"],
      ['[{"id":1,"op":"acquire","config":', "}]"],
    ] as const);
    return {
      payload: random.chance(0.5)
        ? open.repeat(depth)
        : `${open.repeat(depth)}1${close.repeat(depth)}`,
    };
  },
  "keys twice": () => ({
    payload: `[{"id":0,"id":1,"op":"end","op":"acquire","timeoutMs":-1,"timeoutMs":0,"permits":2,"permits":1}]`,
  }),
  "a million keys": (random) => ({
    payload: `[{"id":1,"op":"statistics"${`,"${random.int(0, 9)}":0`.repeat(100_000)}}]`,
  }),
  "ids that fall": (random) => {
    const ids = Array.from({ length: 10 }, () => random.int(-5, 20));
    return { payload: JSON.stringify(ids.map((id) => ({ id, op: "statistics" }))) };
  },
  "numbers that are none": (random) => ({
    payload: `[{"id":${random.pick(["1e308", "1e999", "-0", "9007199254740993", "0.1", "01", "NaN", "0x1"])},"op":"acquire","permits":1e400,"timeoutMs":1e-400}]`,
  }),
  "invalid UTF-8": () => ({ payload: Uint8Array.from([0x5b, 0x22, 0xc3, 0x28, 0xff, 0x22, 0x5d]) }),
  "lone surrogates": () => ({
    payload: String.raw`[{"id":1,"op":"acquire","borrower":"\ud800","item":"\udfff"}]`,
  }),
  "a frame of two million characters": () => ({ payload: "[".padEnd(2_097_153) }),
  "many requests": (random) => ({
    payload: JSON.stringify(
      Array.from({ length: random.int(900, 1_200) }, (_, at) => ({ id: at + 1, op: "statistics" })),
    ),
  }),
  "nothing at all": () => ({ payload: "" }),
};

/** Bytes that are no frames at all, or frames that the WebSocket protocol forbids. */
export const BROKEN_FRAMES: Record<string, readonly RawFrame[]> = {
  "an unmasked frame": [{ isMasked: false, payload: `[{"id":1,"op":"statistics"}]` }],
  "reserved bits": [{ reserved: 7, payload: "[]" }],
  "a reserved opcode": [{ opcode: 5, payload: "[]" }],
  "a reserved control opcode": [{ opcode: 0xb }],
  "a fragmented control frame": [{ opcode: OPCODES.ping, isLast: false, payload: "a" }],
  "a control frame that is too long": [{ opcode: OPCODES.ping, payload: "a".repeat(200) }],
  "a continuation of nothing": [{ opcode: OPCODES.continuation, payload: "[]" }],
  "a message within a message": [{ isLast: false, payload: "[" }, { payload: "[]" }],
  "a frame that says it is endless": [{ statedLength: 2n ** 63n - 1n, payload: "[" }],
  "a negative length": [{ statedLength: 2n ** 64n - 1n, payload: "[" }],
  "a close with a forbidden code": [
    { opcode: OPCODES.close, payload: Uint8Array.from([0x03, 0xee]) },
  ],
  "a close of one byte": [{ opcode: OPCODES.close, payload: Uint8Array.from([0x03]) }],
};

function bytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.int(0, 255));
}

function request(random: Random, at: number): object {
  const fields = Array.from({ length: random.int(0, 5) }, () => [
    random.pick(FIELDS),
    value(random, 2),
  ]);
  return { id: at + 1, op: random.pick(OPS), ...(Object.fromEntries(fields) as object) };
}

function value(random: Random, depth: number): unknown {
  switch (random.int(0, depth > 0 ? 9 : 6)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
      return random.int(-3, 3);
    case 3:
      return random.pick([2 ** 53, -(2 ** 53), 1e300, 0.5, 2_147_483_648]);
    case 4:
      return random.pick(["", "acquire", "send", "\u0000", "__proto__", "💥".repeat(200)]);
    case 5:
      return {};
    case 6:
      return [];
    case 7:
    case 8:
      return Array.from({ length: random.int(0, 3) }, () => value(random, depth - 1));
    default:
      return { [random.pick(FIELDS)]: value(random, depth - 1) };
  }
}
