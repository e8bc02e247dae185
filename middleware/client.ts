import type { Context } from "hono";
import type { Latchwork } from "../sdk/index.ts";

/**
 * The client to use. A client that is given stays the giver's. What a function makes for a request is the
 * middleware's: it is closed when the request is over.
 */
export type ClientSource = Latchwork | ((c: Context) => Latchwork | Promise<Latchwork>);

/** A client for as long as one request takes. */
export interface RequestClient {
  readonly latchwork: Latchwork;
  /** The request is over. Never throws, and keeps nobody waiting. */
  readonly leave: () => void;
}

export async function clientFor(c: Context, source: ClientSource): Promise<RequestClient> {
  if (typeof source !== "function") return { latchwork: source, leave: () => {} };
  const latchwork = await source(c);
  const leave = (): void => {
    // What was held is given back by now, or will be with its session.
    keepAlive(
      c,
      latchwork.close().catch(() => {}),
    );
  };
  return { latchwork, leave };
}

/** Where a request's end would end the program (a Worker), it has to be told what goes on behind it. */
export function keepAlive(c: Context, work: Promise<unknown>): void {
  const settled = work.catch(() => {});
  try {
    c.executionCtx.waitUntil(settled);
  } catch {
    // A runtime without an execution context stays alive by itself.
  }
}
