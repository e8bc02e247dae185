import { openMany, openSocket, type Server } from "../socket.ts";

/** What is sent: as long as a request to acquire is. */
export const TEXT = '[{"id":1000,"op":"acquire","permits":1,"config":{"permits":1000}}]';

/** Sends a text and settles when it is back. Several may be under way; they come back in order. */
export type Echo = () => Promise<void>;

type Mode = "plain" | "write" | "turn" | "sender" | "asker";

export async function openEcho(
  server: Server,
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

/** One sends, and all who listen get it: settles when the last has it. */
export async function openBroadcast(
  server: Server,
  { name, listeners }: { name: string; listeners: number },
  stack: AsyncDisposableStack,
): Promise<Echo> {
  let heard = 0;
  let all = Promise.withResolvers<void>();
  const sockets = await openMany(listeners, () =>
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
    ),
  );
  return () => {
    heard = 0;
    all = Promise.withResolvers<void>();
    sockets[0]?.send(TEXT);
    return all.promise;
  };
}

/** As many sockets as there are runners stand in a ring, and one baton goes round until the time is over. */
export async function openRelay(
  server: Server,
  { name, runners }: { name: string; runners: number },
  stack: AsyncDisposableStack,
): Promise<(forMs: number, passed: (waitedMs: number) => void) => Promise<void>> {
  const run = { untilMs: 0, passed: (_waitedMs: number): void => {} };
  let over = Promise.withResolvers<void>();
  const since: number[] = [];
  const sockets: WebSocket[] = [];
  const gets = (runner: number): void => {
    const nowMs = performance.now();
    run.passed(nowMs - (since[runner] ?? nowMs));
    if (nowMs >= run.untilMs) return over.resolve();
    since[runner] = nowMs;
    sockets[runner]?.send(TEXT);
  };
  for (let runner = 0; runner < runners; runner += 1) {
    const events = { message: () => gets(runner), fail: (error: Error) => over.reject(error) };
    sockets.push(await openSocket({ url: `${server.url}/${name}/baton` }, events, stack));
  }
  return (forMs, passed) => {
    over = Promise.withResolvers<void>();
    const nowMs = performance.now();
    since.splice(0, Infinity, ...sockets.map(() => nowMs));
    Object.assign(run, { untilMs: nowMs + forMs, passed });
    sockets[0]?.send(TEXT);
    return over.promise;
  };
}

/** The receiving end of a relay, which counts what comes; an answerer sends each back. */
export async function openReceiver(
  server: Server,
  { name, mode }: { name: string; mode: "receiver" | "answerer" },
  events: { got: () => void; fail: (error: Error) => void },
  stack: AsyncDisposableStack,
): Promise<void> {
  const socket = await openSocket(
    { url: `${server.url}/${name}/${mode}` },
    {
      message: (text) => {
        events.got();
        if (mode === "answerer") socket.send(text);
      },
      fail: events.fail,
    },
    stack,
  );
}
