import type { Random } from "../../simulation/world/random.ts";

const HOST = "Host: 127.0.0.1\r\n";
const GET = `GET /v1/default/lock/odd HTTP/1.1\r\n${HOST}`;

/** Requests that no well-behaved client makes; some would be two requests to one reader and one to another. */
export const ODD_REQUESTS: Record<string, (random: Random) => string | Uint8Array> = {
  "random bytes": (random) =>
    Uint8Array.from({ length: random.int(1, 3_000) }, () => random.int(0, 255)),
  "nothing but line ends": () => "\r\n".repeat(1_000),
  "no version": () => "GET /v1/default/lock/odd\r\n\r\n",
  "a version that is none": () => `GET /v1/default/lock/odd HTTP/9.9\r\n${HOST}\r\n`,
  "a method that is none": () => `CONJURE /v1/default/lock/odd HTTP/1.1\r\n${HOST}\r\n`,
  "no host": () => "GET /v1/default/lock/odd HTTP/1.1\r\n\r\n",
  "two hosts": () => `${GET}Host: elsewhere\r\n\r\n`,
  "an absolute address": () => `GET http://elsewhere/v1/default/lock/odd HTTP/1.1\r\n${HOST}\r\n`,
  "a path that climbs": () => `GET /v1/default/lock/../../../../etc/passwd HTTP/1.1\r\n${HOST}\r\n`,
  "a path with backslashes": () => `GET \\v1\\default\\lock\\odd HTTP/1.1\r\n${HOST}\r\n`,
  "a path with a null": () => `GET /v1/default/lock/a\0b HTTP/1.1\r\n${HOST}\r\n`,
  "a path with an encoded line end": () =>
    `GET /v1/default/lock/a%0d%0aX-Odd:%201 HTTP/1.1\r\n${HOST}\r\n`,
  "a header with a bare line feed": () => `${GET}X-Odd: a\nX-Other: b\r\n\r\n`,
  "a header that is folded": () => `${GET}X-Odd: a\r\n b\r\n\r\n`,
  "a header without a name": () => `${GET}: odd\r\n\r\n`,
  "a header with a space before its colon": () => `${GET}Content-Length : 5\r\n\r\nabcde`,
  "a header of a megabyte": () => `${GET}X-Odd: ${"x".repeat(1_048_576)}\r\n\r\n`,
  "ten thousand headers": () => `${GET}${"X-Odd: 1\r\n".repeat(10_000)}\r\n`,
  "a length and chunks": () =>
    `${GET}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n5c\r\n${GET}\r\n0\r\n\r\n`,
  "two lengths": () => `${GET}Content-Length: 0\r\nContent-Length: 40\r\n\r\n${GET}\r\n`,
  "a negative length": () => `${GET}Content-Length: -1\r\n\r\n`,
  "an endless length": () => `${GET}Content-Length: 99999999999999999999\r\n\r\n`,
  "chunks that are none": () => `${GET}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n`,
  "chunks by another name": () => `${GET}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  "a hundred requests at once": () => `${GET}\r\n`.repeat(100),
  "a body where none belongs": () => `${GET}Content-Length: 100000\r\n\r\n${"x".repeat(100_000)}`,
};

type Change = (lines: readonly string[], random: Random) => readonly string[];

const without =
  (name: string): Change =>
  (lines) =>
    lines.filter((line) => !line.startsWith(name));
const instead =
  (name: string, value: string): Change =>
  (lines) =>
    lines.map((line) => (line.startsWith(`${name}:`) ? `${name}: ${value}` : line));
const encoded = (text: string): string => Buffer.from(text).toString("base64url");
const hello = (text: string): Change =>
  instead("Sec-WebSocket-Protocol", `latchwork.v1, latchwork.hello.${encoded(text)}`);

/** Upgrades with one thing wrong. */
export const BROKEN_UPGRADES: Record<string, Change> = {
  "no key": without("Sec-WebSocket-Key"),
  "no version": without("Sec-WebSocket-Version"),
  "another version": instead("Sec-WebSocket-Version", "12"),
  "no subprotocol": without("Sec-WebSocket-Protocol"),
  "no hello": instead("Sec-WebSocket-Protocol", "latchwork.v1"),
  "a version nobody speaks": (lines) =>
    lines.map((line) => line.replace("latchwork.v1", "latchwork.v9")),
  "a hello that is no base64": instead(
    "Sec-WebSocket-Protocol",
    "latchwork.v1, latchwork.hello.!!!!",
  ),
  "a hello that is no JSON": hello("{"),
  "a hello that is null": hello("null"),
  "a hello that is a list": hello("[]"),
  "a hello of other types": hello(
    `{"session":1,"secret":{},"client":[],"ttlMs":"1","attempt":null}`,
  ),
  "a hello nested deeply": hello("[".repeat(10_000)),
  "a hello of a hundred kilobytes": hello(`{"client":"${"x".repeat(100_000)}"}`),
  "another kind of upgrade": instead("Upgrade", "h2c"),
  "a method that cannot": (lines) => lines.map((line) => line.replace("GET ", "POST ")),
  "a page of another host": (lines) => [
    lines[0] ?? "",
    "Origin: https://elsewhere",
    ...lines.slice(1),
  ],
  "an address that is none": (lines) => lines.map((line) => line.replace("/v1/", "/v7/")),
};
