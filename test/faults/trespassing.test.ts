import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../sdk/index.ts";
import { KINDS, LIMITS, objectPath, type Kind } from "../../sdk/protocol.ts";
import { OPERATIONS } from "../support/operations.ts";
import { Random } from "../simulation/world/random.ts";
import { helloOf, RawSocket, upgradeLines } from "./hostile/raw_socket.ts";
import { BROKEN_UPGRADES, ODD_REQUESTS } from "./hostile/rubbish_http.ts";
import { PATH, Siege } from "./hostile/siege.ts";

const SEED = Math.floor(Math.random() * 2 ** 31);
const random = new Random(SEED);
let siege: Siege | null = null;

function scene(): Siege {
  if (siege === null) throw new Error("There is no server.");
  return siege;
}

beforeAll(async () => {
  console.log(`Trespassers from seed ${SEED}.`);
  siege = await Siege.lay();
});

// Whatever was tried: whoever is beside it goes on.
afterEach(() => scene().assertUnharmed());

afterAll(async () => {
  await siege?.[Symbol.asyncDispose]();
});

/** These do what anybody may, and what they end or take the tests go on with. */
const ENDING = /^(?:acquire|reset|end)$/;

/** Every other operation, with every field that any has; `token` stands for whatever belongs to somebody else. */
function everything(token: number): Record<string, unknown>[] {
  return OPERATIONS.filter((op) => !ENDING.test(op)).map((op) => ({
    op,
    token,
    target: 1,
    permits: 1,
    borrower: "nobody",
    totalTokens: 1,
    side: "send",
    from: token,
    end: token,
    item: "1",
    items: [token],
    timeoutMs: 0,
  }));
}

/** What only the owner of an end can do with it. */
const OWNED = /^(?:release|send|receive)$/;

describe("what is somebody else's", () => {
  test("[LE3] a session is not resumed with another secret, and its owner does not notice", async () => {
    const path = objectPath("default", "lock", "trespassing/session");
    const hello = helloOf({ ttlMs: 30_000 });
    using owner = await RawSocket.open(scene().port, path, hello);
    await owner.ask(1, { op: "acquire" });
    for (let attempt = 2; attempt < 20; attempt += 1) {
      const { secret } = helloOf();
      using thief = await RawSocket.open(scene().port, path, {
        ...hello,
        secret,
        attempt,
        resume: true,
      });
      expect(thief.texts[0]).toContain(`"forbidden"`);
    }
    expect(await owner.ask(2, { op: "statistics" })).toContain(`"locked":true`);
    expect(owner.isClosed).toBe(false);
  });

  test.each(["lock", "semaphore", "condition", "limiter"] as const)(
    "[LE3] nothing that is asked at a %s with another's token and ids takes it away",
    async (kind) => {
      const path = objectPath("default", kind, "trespassing/held");
      const config = CONFIGS[kind];
      using owner = await RawSocket.open(scene().port, path, helloOf({ ttlMs: 30_000 }));
      const granted = await owner.ask(1, { op: "acquire", borrower: "owner", ...config });
      const token = Number(/"token":(\d+)/.exec(granted ?? "")?.[1]);
      using thief = await RawSocket.open(scene().port, path);
      for (const [at, request] of everything(token).entries()) await thief.ask(at + 1, request);
      const { holders } = await scene().inspect(kind, "trespassing/held");
      expect(holders).toEqual(expect.arrayContaining([expect.objectContaining({ token })]));
      expect(await owner.ask(2, { op: "release", token })).toContain(`"ok":{}`);
    },
  );

  test("[LE3, ST3] another's ends and items stay another's", async () => {
    await using honest = connect(scene().server.url);
    const [send, receive] = await honest.stream<number>("trespassing", { maxBufferSize: 8 }).open();
    for (let item = 1; item <= 4; item += 1) await send.send(item);
    const { holders } = await scene().inspect("stream", "trespassing");
    using thief = await RawSocket.open(
      scene().port,
      objectPath("default", "stream", "trespassing"),
    );
    const answers = new Set<string | undefined>();
    let id = 0;
    for (const { token } of holders as { token: number }[]) {
      for (const request of everything(token)) {
        const said = await thief.ask((id += 1), request);
        if (OWNED.test(String(request["op"]))) answers.add(/"code":"[^"]*"/.exec(said ?? "")?.[0]);
      }
    }
    expect(answers).toEqual(new Set([`"code":"closed"`, `"code":"not-owner"`]));
    await send.close();
    const received: number[] = [];
    for await (const item of receive) received.push(item);
    expect(received).toEqual([1, 2, 3, 4]);
  });

  test.each(KINDS)(
    "the operations of other kinds are refused by a %s, one by one",
    async (kind) => {
      using socket = await RawSocket.open(
        scene().port,
        objectPath("default", kind, "trespassing/kind"),
      );
      for (const [at, request] of everything(1).entries()) {
        const said = await socket.ask(at + 1, { ...request, ...CONFIGS[kind] });
        expect(said).toMatch(/"(?:ok|error)":/);
      }
    },
  );
});

describe("addresses", () => {
  const { nameCharactersMax, nameBytesMax } = LIMITS;
  test.each([
    ["one character", "x", [200]],
    ["as many characters as there may be", "x".repeat(nameCharactersMax), [200]],
    ["a character too many", "x".repeat(nameCharactersMax + 1), [400]],
    ["as many bytes as there may be", "é".repeat(nameBytesMax / 2), [200]],
    ["a byte too many", `${"💥".repeat(nameBytesMax / 4)}x`, [400]],
    ["a name of a hundred kilobytes", "x".repeat(100_000), [400, 414, 431]],
    ["slashes and dots", "../../../etc/passwd", [200]],
    ["a control character", "a\u0000b", [400]],
    ["everything that paths know", "a/b?c#d%e;f=g&h+i j", [200]],
  ])("%s", async (_, name, expected) => {
    const response = await fetch(scene().server.url + objectPath("default", "lock", name));
    expect(expected).toContain(response.status);
    await response.arrayBuffer();
  });

  test.each([
    "/v1/default/lock/%",
    "/v1/default/lock/%ff%fe",
    "/v1/default/lock/%ed%a0%80",
    "/v1/default/lock/",
    "/v1/default/lock/a/b/c",
    "/v1//lock/a",
    "/v1/DEFAULT/lock/a",
    "/v1/default/mutex/a",
    "/v1/default/__proto__/a",
    "/v1/default/constructor/a",
    "/v1/default/lock/a/leases/NaN",
    "/v2/default/lock/a",
    "/v1/default/lock?name=a&name=b",
  ])("GET %s is refused, and says why", async (path) => {
    const response = await fetch(scene().server.url + path);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(response.headers.get("Content-Type")).toContain("problem+json");
  });
});

describe("requests that no client makes", () => {
  /** What comes back to these bytes, until the connection closes or is quiet. */
  async function answerTo(bytes: string | Uint8Array): Promise<string> {
    const socket = connectTcp({ port: scene().port, host: "127.0.0.1" });
    let said = "";
    socket.on("data", (chunk) => (said += chunk.toString("latin1")));
    socket.on("error", () => {});
    socket.end(bytes);
    await Promise.race([once(socket, "close"), new Promise((quiet) => setTimeout(quiet, 500))]);
    socket.destroy();
    return said;
  }

  test.each(Object.entries(ODD_REQUESTS))(
    "%s: no answer says that the server failed",
    async (_, make) => {
      const said = await answerTo(make(random));
      for (const [, status] of said.matchAll(/HTTP\/1\.1 (\d+)/g)) expect(status).not.toBe("500");
    },
  );

  test.each(Object.entries(BROKEN_UPGRADES))(
    "an upgrade with %s is refused or closed",
    async (_, change) => {
      const lines = change(upgradeLines(PATH, helloOf()), random);
      const said = await answerTo(lines.join("\r\n"));
      for (const [, status] of said.matchAll(/HTTP\/1\.1 (\d+)/g)) expect(status).not.toBe("500");
      expect(said).not.toContain(`"notice":"welcome"`);
    },
  );
});

const CONFIGS: Record<Kind, { config?: object }> = {
  lock: {},
  event: {},
  condition: {},
  semaphore: { config: { permits: 4, maxPermits: 8 } },
  limiter: { config: { totalTokens: 4 } },
  stream: { config: { maxBufferSize: 8 } },
};
