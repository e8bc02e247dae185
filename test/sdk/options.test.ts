import { describe, expect, it } from "vitest";
import { runtimeEnvironment } from "../../sdk/environment.ts";
import type { SocketLike } from "../../sdk/environment.ts";
import { connect, InvalidArgumentError, LIMITS } from "../../sdk/index.ts";
import { readOptions, readTimeoutMs, type ConnectOptions } from "../../sdk/options.ts";

const URL = "http://127.0.0.1:8787";

describe("connect", () => {
  it.each([
    ["http://127.0.0.1:8787", "ws://127.0.0.1:8787"],
    ["https://locks.example/", "wss://locks.example"],
    ["https://locks.example/behind/a/path//", "wss://locks.example/behind/a/path"],
    ["ws://[::1]:1", "ws://[::1]:1"],
    ["wss://LOCKS.example:443", "wss://locks.example"],
  ])("takes the address %s", (url, base) => {
    expect(readOptions(url, {}).base).toBe(base);
  });

  it.each(["", "127.0.0.1:8787", "locks.example", "ftp://locks.example", "/v1", "http://"])(
    "takes no address such as %j",
    (url) => {
      expect(() => connect(url)).toThrow(InvalidArgumentError);
    },
  );

  it.each<ConnectOptions>([
    { namespace: "" },
    { namespace: "Upper" },
    { namespace: "a".repeat(64) },
    { namespace: "a/b" },
    { client: "" },
    { client: "line\nbreak" },
    { client: "\ud800" },
    { sessionTtlMs: LIMITS.sessionTtlMsMin - 1 },
    { sessionTtlMs: LIMITS.sessionTtlMsMax + 1 },
    { sessionTtlMs: 1_000.5 },
    { sessionTtlMs: Number.NaN },
    { sessionTtlMs: Infinity },
    { token: 5 as never },
    { WebSocket: 5 as never },
  ])("takes no options such as %j", (options) => {
    expect(() => connect(URL, options)).toThrow(InvalidArgumentError);
  });

  it("takes a client's name up to the limit, and names the limit beyond it", () => {
    const max = LIMITS.clientCharactersMax;
    expect(readOptions(URL, { client: "🦑".repeat(max) }).client).toHaveLength(2 * max);
    expect(() => connect(URL, { client: "🦑".repeat(max + 1) })).toThrow(
      expect.objectContaining({ code: "limit-exceeded", limit: "clientCharactersMax", max }),
    );
  });

  it("takes a URL for an address", () => {
    expect(readOptions(new globalThis.URL(`${URL}/a/`), {}).base).toBe("ws://127.0.0.1:8787/a");
  });

  it("fills in what is left out", () => {
    const settings = readOptions(URL, {});
    expect(settings).toMatchObject({ namespace: "default", ttlMs: 15_000 });
    expect(settings.client).toMatch(/^client-[\w-]{8}$/);
    expect(readOptions(URL, {}).client).not.toBe(settings.client);
    expect(settings.token()).toBeUndefined();
  });

  it.each([["fixed", "t"] as const, ["asked for", (): string => "t"] as const])(
    "takes a token that is %s",
    (_, token) => {
      expect(readOptions(URL, { token }).token()).toBe("t");
    },
  );

  it("opens the sockets of the constructor that it was given", () => {
    const environment = readOptions(URL, { WebSocket: DeafSocket }).environment;
    expect(environment.openSocket(URL, [])).toBeInstanceOf(DeafSocket);
  });
});

describe("timeoutMs", () => {
  it.each([
    [undefined, undefined],
    [Infinity, undefined],
    [0, 0],
    [0.2, 1],
    [LIMITS.timeoutMsMax, LIMITS.timeoutMsMax],
  ])("may be %d", (timeoutMs, read) => {
    expect(readTimeoutMs(timeoutMs)).toBe(read);
  });

  it.each([-1, -0.1, Number.NaN, -Infinity, LIMITS.timeoutMsMax + 1, null, "5", 5n])(
    "may not be %s",
    (timeoutMs) => {
      expect(() => readTimeoutMs(timeoutMs as number)).toThrow(InvalidArgumentError);
    },
  );
});

describe("the runtime", () => {
  const environment = runtimeEnvironment(DeafSocket);

  it("draws ids that a session may have, and never one twice", () => {
    const ids = Array.from({ length: 1_000 }, () => environment.newId());
    expect(ids.filter((id) => !/^[\w-]{22}$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("has a clock that never goes back, and random numbers below 1", () => {
    const before = environment.nowMs();
    expect(environment.nowMs()).toBeGreaterThanOrEqual(before);
    expect(environment.random()).toBeLessThan(1);
  });
});

class DeafSocket implements SocketLike {
  onopen = null;
  onmessage = null;
  onclose = null;
  onerror = null;
  send(): void {}
  close(): void {}
}
