import { openSocket } from "../socket.ts";

/** What is sent: as long as a request to acquire is. */
const TEXT = '[{"id":1000,"op":"acquire","permits":1,"config":{"permits":1000}}]';

type Mode = "plain" | "write" | "turn";

/** Sends a text and settles when it is back. Several may be under way; they come back in order. */
export type Echo = () => Promise<void>;

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
