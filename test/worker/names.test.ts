import { describe, expect, test } from "vitest";
import { LIMITS, objectPath } from "../../sdk/protocol.ts";
import { AWKWARD_NAMES } from "./support/awkward_names.ts";
import { OPEN, openThrough, problemOf, refusedSocket, router, upgrade } from "./support/router.ts";
import { FakeNamespace } from "./support/fake_namespace.ts";

const door = router(OPEN);

/** The name of the object that a path leads to. */
async function nameAt(path: string): Promise<string | undefined> {
  const LOCKS = new FakeNamespace();
  const response = await router({ ...OPEN, LOCKS }).fetch(path);
  expect(response.status).toBe(200);
  return LOCKS.reached[0]?.name;
}

async function refusal(path: string): Promise<{ status: number; code: string; detail: string }> {
  const response = await door.fetch(path);
  const { status, code, detail } = await problemOf(response);
  expect(response.status).toBe(status);
  return { status, code, detail };
}

describe("every name reaches its own object", () => {
  test.each(AWKWARD_NAMES)("%j goes there and back", async (name) => {
    const path = objectPath("default", "lock", name);
    expect(await nameAt(path)).toBe(`default/${name}`);
    expect(await nameAt(`/v1/default/lock?name=${encodeURIComponent(name)}`)).toBe(
      `default/${name}`,
    );
    const client = await openThrough(door, path);
    await client.acquire();
    const look = await door.fetch(`/v1/default/lock?name=${encodeURIComponent(name)}`);
    expect(await look.json()).toMatchObject({ locked: true });
  });

  test("in a query a plus is a space, as forms write it", async () => {
    expect(await nameAt("/v1/default/lock?name=a+b")).toBe("default/a b");
    expect(await nameAt("/v1/default/lock?name=a%2Bb")).toBe("default/a+b");
    expect(await nameAt("/v1/default/lock/a+b")).toBe("default/a+b");
  });

  test("other parameters of the query are nobody's business", async () => {
    expect(await nameAt("/v1/default/lock?rename=a&name=b&x")).toBe("default/b");
    expect(await nameAt("/v1/default/lock/c?x=1")).toBe("default/c");
  });
});

describe("a name that is none is refused, and the refusal says what is allowed", () => {
  const { nameCharactersMax, nameBytesMax } = LIMITS;

  test("the longest name in characters is a name, and one character more is not", async () => {
    const name = "x".repeat(nameCharactersMax);
    expect(await nameAt(`/v1/default/lock/${name}`)).toBe(`default/${name}`);
    const LOCKS = new FakeNamespace();
    const response = await router({ ...OPEN, LOCKS }).fetch(`/v1/default/lock/${name}x`);
    expect(response.status).toBe(400);
    expect(await problemOf(response)).toMatchObject({
      code: "limit-exceeded",
      limit: "nameCharactersMax",
      max: nameCharactersMax,
    });
    expect(LOCKS.reached).toEqual([]);
  });

  test("the longest name in bytes is a name that works, and one byte more is not", async () => {
    const name = "🔒".repeat(nameBytesMax / 4);
    const longest = `/v1/${"n".repeat(63)}/lock/${encodeURIComponent(name)}`;
    const client = await openThrough(door, longest);
    await client.acquire();
    expect(await (await door.fetch(longest)).json()).toMatchObject({ locked: true });
    const response = await door.fetch(`/v1/default/lock/${encodeURIComponent(`${name}x`)}`);
    expect(await problemOf(response)).toMatchObject({
      status: 400,
      code: "limit-exceeded",
      limit: "nameBytesMax",
      max: nameBytesMax,
    });
  });

  test.each([
    ["/v1/default/lock/%00", "control character"],
    ["/v1/default/lock/a%0Ab", "control character"],
    ["/v1/default/lock/100%", "is not percent-encoded UTF-8"],
    ["/v1/default/lock/%zz", "is not percent-encoded UTF-8"],
    ["/v1/default/lock/%FF", "is not percent-encoded UTF-8"],
    ["/v1/default/lock/%ED%A0%80", "is not percent-encoded UTF-8"],
    ["/v1/default/lock?name=%FF", "is not percent-encoded UTF-8"],
    ["/v1/default/lock?name=", 'not "".'],
    ["/v1/default/lock", "has no name"],
    ["/v1/default/lock?names=x", "has no name"],
    ["/v1/default/lock?name=a&name=b", "more than once"],
    ["/v1/default/lock/a?name=a", "more than once"],
    ["/v1/default/lock/", "encodeURIComponent writes a slash as %2F"],
    ["/v1/default/lock/invoices/42", "encodeURIComponent writes a slash as %2F"],
    ["/v1/default/lock/a/", "encodeURIComponent writes a slash as %2F"],
  ])("%s", async (path, words) => {
    const { status, code, detail } = await refusal(path);
    expect(status).toBe(400);
    expect(code).toBe("invalid-argument");
    expect(detail).toContain(words);
  });

  test("dots that are no name fold away before they arrive", async () => {
    expect(await refusal("/v1/default/lock/%2E%2E")).toMatchObject({ code: "protocol" });
  });
});

describe("namespaces and kinds", () => {
  test("the longest namespace is one, and one character more is not", async () => {
    const longest = "n".repeat(63);
    expect(await nameAt(`/v1/${longest}/lock/x`)).toBe(`${longest}/x`);
    expect(await refusal(`/v1/${longest}n/lock/x`)).toMatchObject({
      status: 400,
      code: "invalid-argument",
    });
  });

  test.each(["Upper", "under_score", "a%2Fb", "%zz", "a.b"])(
    "%s is no namespace",
    async (namespace) => {
      const { code, detail } = await refusal(`/v1/${namespace}/lock/x`);
      expect(code).toBe("invalid-argument");
      expect(detail).toContain('A namespace is 1 to 63 of the characters a-z, 0-9 and "-"');
    },
  );

  test.each(["mutex", "LOCK", "constructor", "lock%20"])("%s is no kind", async (kind) => {
    const { status, code, detail } = await refusal(`/v1/default/${kind}/x`);
    expect(status).toBe(400);
    expect(code).toBe("invalid-argument");
    expect(detail).toContain("the kinds are: lock, semaphore");
  });

  test("a socket for a bad name, namespace or kind is told in a frame", async () => {
    const paths = ["/v1/default/lock/%FF", "/v1/Bad/lock/x", "/v1/default/mutex/x"];
    for (const path of paths) {
      const refused = await refusedSocket(await door.fetch(path, { headers: upgrade() }));
      expect(refused.messages).toMatchObject([
        { notice: "refused", error: { code: "invalid-argument" } },
      ]);
    }
  });
});
