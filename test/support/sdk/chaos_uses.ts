import type { HeldCondition, Lease, ReceiveStream, SendStream } from "../../../sdk/index.ts";
import type { Request, Result } from "../../../sdk/protocol.ts";
import { delivery } from "./handles.ts";
import type { World } from "./world.ts";

/** What a program does with what is no lock and no semaphore. */
export const USES = [
  "event wait",
  "event set",
  "condition",
  "condition wait",
  "notify",
  "limiter",
  "return",
  "open send",
  "open receive",
  "open prefetching",
  "send",
  "receive",
  "try receive",
  "loop",
  "close end",
] as const;
export type UseName = (typeof USES)[number];

export interface UseOptions {
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
}

/** The handles that a program has come by, and the items it was given. */
export class Uses {
  readonly #world: World;
  readonly #leases: Lease[];
  readonly conditions: HeldCondition[] = [];
  readonly sends: SendStream[] = [];
  readonly receives: ReceiveStream[] = [];
  readonly received: number[] = [];

  constructor(world: World, leases: Lease[]) {
    this.#world = world;
    this.#leases = leases;
  }

  /** `null` where there is no handle yet to do it with. */
  start(name: UseName, which: number, options: UseOptions): Promise<unknown> | null {
    const { lw } = this.#world;
    const condition = pick(this.conditions, which);
    const send = pick(this.sends, which);
    const receive = pick(this.receives, which);
    switch (name) {
      case "event wait":
        return lw.event("a").wait(options);
      case "event set":
        return lw.event("a").set();
      case "condition":
        return lw
          .condition("a")
          .acquire(options)
          .then((held) => {
            this.conditions.push(held);
            this.#leases.push(held);
          });
      case "condition wait":
        return condition?.wait(options) ?? null;
      case "notify":
        return condition?.notify() ?? null;
      case "limiter":
        return lw
          .limiter("a")
          .acquire(options)
          .then((lease) => this.#leases.push(lease));
      case "return":
        return lw.limiter("a").releaseOnBehalfOf("x");
      case "open send":
        return lw
          .stream("a")
          .openSend()
          .then((end) => this.sends.push(end));
      case "open receive":
        return lw
          .stream("a")
          .openReceive()
          .then((end) => this.receives.push(end));
      case "open prefetching":
        return lw
          .stream("a")
          .openReceive({ prefetch: 4 })
          .then((end) => this.receives.push(end));
      case "send":
        return send?.send(which, options) ?? null;
      case "receive":
        return receive?.receive(options).then((item) => this.#got(item)) ?? null;
      case "try receive":
        return receive?.tryReceive().then((item) => item && this.#got(item.value)) ?? null;
      case "loop":
        return receive === undefined ? null : this.#loop(receive, which);
      case "close end":
        return (which % 2 === 0 ? send : receive)?.close() ?? null;
    }
  }

  async #loop(receive: ReceiveStream, times: number): Promise<void> {
    let left = times;
    for await (const item of receive) {
      this.#got(item);
      left -= 1;
      if (left < 0) break;
    }
  }

  #got(item: unknown): void {
    this.received.push(item as number);
  }
}

/** What a server might answer. `serial` is new each time: a token, and the place of an item. */
export function answerTo(request: Request, serial: number): Result {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- Most are answered with nothing.
  switch (request.op) {
    case "acquire":
    case "open":
      return { token: serial };
    case "wait": {
      if (request.token === undefined) return serial % 2 === 0 ? { remembered: true } : {};
      return { token: serial, woken: serial % 2 === 0 ? "notified" : "timed-out" };
    }
    case "receive":
      return delivery(serial, serial);
    case "cancel":
      return { applied: serial % 2 === 0 };
    default:
      return {};
  }
}

export function pick<Item>(items: readonly Item[], which: number): Item | undefined {
  return items.at(-1 - (which % Math.max(items.length, 1)));
}
