import type { Context } from "hono";
import type { StoredResponse } from "./response_store.ts";

/** What belongs to one exchange, or to one moment, and not to what was answered. */
const NOT_REPLAYED = new Set([
  "age",
  "connection",
  "content-length",
  "date",
  "keep-alive",
  "proxy-authenticate",
  "proxy-connection",
  "server-timing",
  // Its session may have ended since, or be somebody else's.
  "set-cookie",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

export const REPLAYED_HEADER = "Idempotency-Replayed";

/** Takes a response's body in, so that it can be kept. */
export async function takeIn(
  response: Response,
  bytesMax: number,
): Promise<{
  kept: Pick<StoredResponse, "status" | "headers" | "body" | "tooLarge">;
  response: Response;
}> {
  const headers = Object.fromEntries(
    Array.from(response.headers).filter(([name]) => !NOT_REPLAYED.has(name)),
  );
  const { status, body } = response;
  if (body === null) return { kept: { status, headers, body: null }, response };
  const { chunks, rest } = await readUpTo(body, bytesMax);
  const again = new Response(rest === null ? joined(chunks) : followedBy(chunks, rest), response);
  return rest === null
    ? { kept: { status, headers, body: toBase64(joined(chunks)) }, response: again }
    : { kept: { status, headers, body: null, tooLarge: true }, response: again };
}

export function replay(c: Context, { status, headers, body }: StoredResponse): Response {
  const all = { ...headers, [REPLAYED_HEADER]: "true" };
  return body === null
    ? c.body(null, status as 204, all)
    : c.body(fromBase64(body), status as 200, all);
}

type Bytes = Uint8Array<ArrayBuffer>;
type Reader = ReadableStreamDefaultReader<Bytes>;

/** Everything, or, where that is more than so many bytes, the beginning and a reader of what comes after it. */
async function readUpTo(
  body: ReadableStream<Bytes>,
  bytesMax: number,
): Promise<{ chunks: Bytes[]; rest: Reader | null }> {
  const reader = body.getReader();
  const chunks: Bytes[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { chunks, rest: null };
    chunks.push(value);
    bytes += value.length;
    if (bytes > bytesMax) return { chunks, rest: reader };
  }
}

function followedBy(chunks: Bytes[], rest: Reader): ReadableStream<Bytes> {
  return new ReadableStream(
    {
      async pull(controller) {
        const chunk = chunks.shift() ?? (await rest.read()).value;
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
      cancel: (reason) => rest.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

function joined(chunks: readonly Bytes[]): Bytes {
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** A call takes only so many arguments. */
const BYTES_AT_ONCE = 8_192;

function toBase64(bytes: Bytes): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += BYTES_AT_ONCE) {
    binary += String.fromCharCode(...bytes.subarray(at, at + BYTES_AT_ONCE));
  }
  return btoa(binary);
}

function fromBase64(text: string): Bytes {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
