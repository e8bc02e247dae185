import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  clientFault,
  isKind,
  KINDS,
  LIMITS,
  nameFault,
  namespaceFault,
  objectPath,
} from "../../sdk/protocol.ts";

const GOOD = [
  "a",
  ".",
  "..",
  "...",
  "/",
  "//",
  "a/b/../c",
  "%",
  "%2e%2E",
  "%00",
  " ",
  " a b ",
  "?name=.",
  "#",
  "a\\b",
  "orders:1/2",
  "ключ",
  "🔒",
  "👩‍👩‍👧",
  "\u{feff}a",
  "é",
  "__proto__",
];

describe("a name", () => {
  it.each(GOOD)("may be %j", (name) => {
    expect(nameFault(name)).toBeNull();
  });

  it.each(["\0", "a\nb", "\t", "\u001f", "\u007f", "\u0085"])(
    "has no control character, as %j",
    (name) => {
      expect(nameFault(name)).toMatchObject({
        code: "invalid-argument",
        message: expect.stringContaining("control character") as string,
      });
    },
  );

  it.each(["\ud83d", "a\udd12", "\udd12\ud83d"])("has no lone surrogate, as %j", (name) => {
    expect(nameFault(name)?.code).toBe("invalid-argument");
    expect(nameFault(name)?.message).toContain("lone surrogate");
  });

  it.each(["", null, undefined, 1, {}, ["a"], Symbol.iterator])("is a text, not %o", (name) => {
    expect(nameFault(name)?.code).toBe("invalid-argument");
  });

  it.each(["a", "é"])("nameCharactersMax: has that many characters %j, and not one more", (one) => {
    const name = one.repeat(LIMITS.nameCharactersMax);
    expect(nameFault(name)).toBeNull();
    expect(nameFault(name + one)).toMatchObject({
      code: "limit-exceeded",
      limit: "nameCharactersMax",
      max: LIMITS.nameCharactersMax,
    });
  });

  it("nameBytesMax: has that many bytes, and not one more", () => {
    const name = "🔒".repeat(LIMITS.nameBytesMax / 4);
    expect(nameFault(name)).toBeNull();
    expect(nameFault(`${name}a`)).toMatchObject({
      code: "limit-exceeded",
      limit: "nameBytesMax",
      max: LIMITS.nameBytesMax,
    });
  });

  it("counts characters as people do: a surrogate pair is one", () => {
    const name = "🔒".repeat(200) + "a".repeat(200);
    expect(nameFault(name)).toBeNull();
  });
});

describe("a namespace", () => {
  it.each(["a", "default", "0-9", "-", "a".repeat(63)])("may be %j", (namespace) => {
    expect(namespaceFault(namespace)).toBeNull();
  });

  it.each(["", "A", "a b", "a/b", "a.b", "ä", "a\n", "a".repeat(64), null, 1])(
    "is not %j",
    (namespace) => {
      expect(namespaceFault(namespace)?.code).toBe("invalid-argument");
    },
  );
});

describe("a client's name", () => {
  it.each(["a", " ", "worker 7 🦑", "a/b"])("may be %j", (client) => {
    expect(clientFault(client)).toBeNull();
  });

  it.each(["", "a\nb", "\ud83d", null, 1, {}])("is not %j", (client) => {
    expect(clientFault(client)?.code).toBe("invalid-argument");
  });

  it("clientCharactersMax: has that many characters, and not one more", () => {
    const client = "🦑".repeat(LIMITS.clientCharactersMax);
    expect(clientFault(client)).toBeNull();
    expect(clientFault(`${client}a`)).toMatchObject({
      code: "limit-exceeded",
      limit: "clientCharactersMax",
    });
  });
});

describe("a kind", () => {
  it("is one of those that there are", () => {
    expect(KINDS.every(isKind)).toBe(true);
    expect(["", "Lock", "toString", "mutex"].some(isKind)).toBe(false);
  });
});

/** The name that a server reads from the URL of an object. */
function nameIn(path: string): string {
  const { pathname, searchParams } = new URL(path, "https://latchwork.example");
  const [empty, version, namespace, kind, segment, ...rest] = pathname.split("/");
  expect([empty, version, namespace, kind, rest]).toEqual(["", "v1", "default", "lock", []]);
  return segment === undefined ? (searchParams.get("name") ?? "") : decodeURIComponent(segment);
}

describe("the path of an object", () => {
  it.each(GOOD)("brings the name %j through any URL parser", (name) => {
    expect(nameIn(objectPath("default", "lock", name))).toBe(name);
  });

  it("has the name as its last segment, but for the two that URL parsers fold away", () => {
    expect(objectPath("default", "lock", "a/b c")).toBe("/v1/default/lock/a%2Fb%20c");
    expect(objectPath("default", "semaphore", "..")).toBe("/v1/default/semaphore?name=..");
  });

  it("brings every good name through, and no two to the same place", () => {
    const name = fc
      .oneof(fc.string({ unit: "binary", maxLength: 40 }), fc.stringMatching(/^[.%2eE/\\?#]{1,6}$/))
      .filter((text) => nameFault(text) === null);
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(nameIn(objectPath("default", "lock", one))).toBe(one);
        const same = objectPath("default", "lock", one) === objectPath("default", "lock", other);
        expect(same).toBe(one === other);
      }),
      { numRuns: 500 },
    );
  });

  it("and any other text is no name", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "binary-ascii" }));
    const long = fc.tuple(text, fc.nat(600)).map(([part, times]) => part.repeat(times));
    fc.assert(
      fc.property(fc.oneof(text, long), (name) => {
        const good =
          /^[^\p{Cc}\p{Cs}]{1,512}$/u.test(name) && Buffer.byteLength(name) <= LIMITS.nameBytesMax;
        expect(nameFault(name) === null).toBe(good);
      }),
    );
  });
});
