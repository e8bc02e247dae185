import type { Context } from "hono";
import { keepAlive } from "./client.ts";

export interface SendingOptions {
  /** Called once, when the body has been sent, or will not be. With `false` it ends in an error. Never throws. */
  readonly over: () => Promise<boolean>;
  /** Ends the body in an error when aborted. */
  readonly lost: AbortSignal | null;
  /** How long nobody need take anything of the body before it is given up, in milliseconds. */
  readonly stalledAfterMs: number;
}

/**
 * Something is held until the response has been sent: to its end, to the moment when the client cancels it, or to
 * that when the handler's stream fails. A body that nobody reads (the client stalls; another middleware has put its
 * own in its place) is cancelled after `stalledAfterMs`, or it would be held for ever.
 */
export async function untilSent(c: Context, options: SendingOptions): Promise<void> {
  const { body } = c.res;
  if (body === null) return void (await options.over());
  if (c.req.method === "HEAD") {
    // Hono leaves the body out, and nobody reads it.
    c.res = new Response(null, c.res);
    await body.cancel().catch(() => {});
    return void (await options.over());
  }
  const { promise: isOver, resolve } = Promise.withResolvers<void>();
  const over = async (): Promise<boolean> => {
    const isGood = await options.over();
    resolve();
    return isGood;
  };
  keepAlive(c, isOver);
  c.res = new Response(follow(body, { ...options, over }), c.res);
}

/** The same bytes. The source is read no faster than the client reads. */
function follow(
  source: ReadableStream<Uint8Array<ArrayBuffer>>,
  { over, lost, stalledAfterMs }: SendingOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = source.getReader();
  let stopTimer = (): void => {};
  let fail = (_reason: unknown): void => {};
  const failLost = (): void => fail(lost?.reason);
  /** Given up, by either side: the source is being cancelled, and what it still says is not the end of it. */
  let stopped = false;
  let ending: Promise<boolean> | null = null;
  const end = (): Promise<boolean> => {
    stopTimer();
    lost?.removeEventListener("abort", failLost);
    ending ??= over();
    return ending;
  };
  const stop = async (reason: unknown): Promise<void> => {
    if (stopped) return;
    stopped = true;
    // The handler's stream stops first: until then it may be at work.
    await reader.cancel(reason).catch(() => {});
    await end();
  };
  const awaitReader = (): void => {
    if (stopped) return;
    const timer = setTimeout(
      () => fail(new Error(`Nobody took the body for ${stalledAfterMs} ms.`)),
      stalledAfterMs,
    );
    stopTimer = () => clearTimeout(timer);
  };
  return new ReadableStream(
    {
      start(controller) {
        fail = (reason) => {
          if (stopped || ending !== null) return;
          controller.error(reason);
          void stop(reason);
        };
        lost?.addEventListener("abort", failLost);
        if (lost?.aborted === true) failLost();
        else awaitReader();
      },
      async pull(controller) {
        stopTimer();
        try {
          const { done, value } = await reader.read();
          if (stopped) return;
          if (!done) {
            controller.enqueue(value);
            awaitReader();
            return;
          }
          // Whoever has read to the end finds given back what was held.
          if (await end()) controller.close();
          else controller.error(lost?.reason ?? new Error("The lease was lost."));
        } catch (error) {
          await end();
          controller.error(error);
        }
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  );
}
