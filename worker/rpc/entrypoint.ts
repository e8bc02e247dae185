import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import type {
  Latchwork,
  LimiterOptions,
  SemaphoreOptions,
  StreamOptions,
} from "../../sdk/index.ts";
import type { Kind } from "../../sdk/protocol.ts";
import type { Env, HonoEnv } from "../env.ts";
import { latchworkClient, type InsideOptions } from "./client.ts";
import {
  ConditionTarget,
  EventTarget,
  LimiterTarget,
  LockTarget,
  SemaphoreTarget,
} from "./primitives.ts";
import { StreamTarget, type Item } from "./streams.ts";

/** What a service binding may say of the Worker that has it, as its `props`. */
export type ServiceProps = Pick<InsideOptions, "namespace" | "client" | "sessionTtlMs">;

/** A method for each primitive. */
type PrimitiveTargets = Readonly<Record<Kind, (name: string) => RpcTarget>>;

/**
 * Latchwork for other Workers of the account, as a service binding with the entrypoint `LatchworkService`: the SDK's
 * names, and no token, since only who is bound to it can call it.
 *
 *     using lease = await env.LATCHWORK.lock("invoices/42").acquire({ timeoutMs: 5_000 });
 *
 * What is held is released at once when its stub is disposed of, or the caller's invocation ends (LE6).
 */
export class LatchworkService
  extends WorkerEntrypoint<Env, ServiceProps>
  implements PrimitiveTargets
{
  #own: LatchworkTarget | null = null;

  /** The same with options of its own: another namespace, a name that operators see, another TTL. */
  with(options: ServiceProps): LatchworkTarget {
    return new LatchworkTarget(
      latchworkClient<HonoEnv>(this.env, { ...this.ctx.props, ...options }),
    );
  }

  lock(...args: Parameters<LatchworkTarget["lock"]>): LockTarget {
    return this.#latchwork.lock(...args);
  }

  semaphore(...args: Parameters<LatchworkTarget["semaphore"]>): SemaphoreTarget {
    return this.#latchwork.semaphore(...args);
  }

  event(...args: Parameters<LatchworkTarget["event"]>): EventTarget {
    return this.#latchwork.event(...args);
  }

  condition(...args: Parameters<LatchworkTarget["condition"]>): ConditionTarget {
    return this.#latchwork.condition(...args);
  }

  limiter(...args: Parameters<LatchworkTarget["limiter"]>): LimiterTarget {
    return this.#latchwork.limiter(...args);
  }

  stream(...args: Parameters<LatchworkTarget["stream"]>): StreamTarget {
    return this.#latchwork.stream(...args);
  }

  get #latchwork(): LatchworkTarget {
    this.#own ??= this.with({});
    return this.#own;
  }
}

/** What `with` returns. */
export class LatchworkTarget extends RpcTarget implements PrimitiveTargets {
  readonly #latchwork: Latchwork;

  constructor(latchwork: Latchwork) {
    super();
    this.#latchwork = latchwork;
  }

  lock(name: string): LockTarget {
    return new LockTarget(this.#latchwork.lock(name));
  }

  semaphore(name: string, options?: SemaphoreOptions): SemaphoreTarget {
    return new SemaphoreTarget(this.#latchwork.semaphore(name, options));
  }

  event(name: string): EventTarget {
    return new EventTarget(this.#latchwork.event(name));
  }

  condition(name: string): ConditionTarget {
    return new ConditionTarget(this.#latchwork.condition(name));
  }

  limiter(name: string, options?: LimiterOptions): LimiterTarget {
    return new LimiterTarget(this.#latchwork.limiter(name, options));
  }

  stream(name: string, options?: StreamOptions): StreamTarget {
    return new StreamTarget(this.#latchwork.stream<Item>(name, options));
  }
}
