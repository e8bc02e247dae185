import { openSocket } from "../socket.ts";

/** What is sent: as long as a request to acquire is. */
const TEXT = '[{"id":1000,"op":"acquire","permits":1,"config":{"permits":1000}}]';

type Mode = "plain" | "write" | "turn";

/** Sends a text and settles when it is back. Several may be under way; they come back in order. */
export type Echo = () => Promise<void>;

/** One sends, and all who listen get it: how long until the last has it, in milliseconds. */
export async function openBroadcast(
  server: { url: string },
  { name, listeners, opening }: { name: string; listeners: number; opening: number },
  stack: AsyncDisposableStack,
): Promise<() => Promise<number>> {
  let heard = 0;
  let all = Promise.withResolvers<void>();
  const open = (): Promise<WebSocket> =>
    openSocket(
      { url: `${server.url}/${name}/broadcast` },
      {
        message: () => {
          heard += 1;
          if (heard === listeners) all.resolve();
        },
        fail: (error) => all.reject(error),
      },
      stack,
    );
  const sockets: WebSocket[] = [];
  while (sockets.length < listeners) {
    sockets.push(...(await Promise.all(Array.from({ length: opening }, open))));
  }
  return async () => {
    heard = 0;
    all = Promise.withResolvers<void>();
    const startedAtMs = performance.now();
    sockets[0]?.send(TEXT);
    await all.promise;
    return performance.now() - startedAtMs;
  };
}

export async function openEcho(
  server: { url: string },
  { name, mode }: { name: string; mode: Mode },
  stack: AsyncDisposableStack,
): Promise<Echo> {
  const waiting: PromiseWithResolvers<void>[] = [];
  const socket = await openSocket(
    { url: `${server.url}/${name}/${mode}` },
    {
      message: () => waiting.shift()?.resolve(),
      fail: (error) => waiting.splice(0).forEach(({ reject }) => reject(error)),
    },
    stack,
  );
  return () => {
    const answer = Promise.withResolvers<void>();
    waiting.push(answer);
    socket.send(TEXT);
    return answer.promise;
  };
}
