import type { OneShot, OneShotAnswer } from "./asked.ts";
import type { Host } from "./host.ts";

/**
 * How long after its answer a caller that stood in line is still looked for. A connection that was closed at its other
 * end looks like one that is only silent, until something is sent on it; so the answer goes out in two parts.
 */
const LOOK_AFTER_MS = 25;

/** What of a request is read. */
export interface CallRequest {
  json(): Promise<unknown>;
  readonly signal: AbortSignal;
}

/** Runs something later. */
export type After = (delayMs: number, run: () => void) => void;

/** Asks the host what the request's body says, and answers when the host has. A caller that hangs up is told to it. */
export async function respond(
  host: Pick<Host, "ask">,
  request: CallRequest,
  after: After = afterTimeout,
): Promise<Response> {
  const oneShot = (await request.json()) as OneShot;
  const { signal } = request;
  const asked = Promise.withResolvers<OneShotAnswer>();
  const hangUp = host.ask(oneShot, asked.resolve);
  signal.addEventListener("abort", hangUp);
  if (signal.aborted) hangUp();
  const answer = await asked.promise;
  const isToBeHeard = answer.waited && answer.lease !== null;
  const heard = (): void => signal.removeEventListener("abort", hangUp);
  if (isToBeHeard) return new Response(inTwoParts(answer, { heard, unheard: hangUp, after }));
  heard();
  return new Response(line(answer));
}

function line(answer: OneShotAnswer): string {
  return `${JSON.stringify(answer)}\n`;
}

/**
 * The second part is a line that says nothing. Whoever does not take it has not heard the first; a Worker without the
 * flags that make the request's signal tell so learns it here.
 */
function inTwoParts(
  answer: OneShotAnswer,
  { heard, unheard, after }: { heard: () => void; unheard: () => void; after: After },
): ReadableStream<Uint8Array> {
  const parts = [line(answer), "\n"].map((part) => new TextEncoder().encode(part));
  let sent = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (sent === 1) await new Promise<void>((resolve) => after(LOOK_AFTER_MS, resolve));
      const part = parts[sent];
      sent += 1;
      if (part !== undefined) return controller.enqueue(part);
      heard();
      controller.close();
    },
    cancel: unheard,
  });
}

function afterTimeout(delayMs: number, run: () => void): void {
  setTimeout(run, delayMs);
}
