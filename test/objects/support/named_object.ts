import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { PrimitiveObject } from "../../../objects/host/durable_object.ts";
import type { ClaimRow, ItemRow, SessionRow } from "../../../objects/host/schema.ts";
import type { Hello } from "../../../sdk/protocol.ts";
import { RawClient } from "../../support/raw_client.ts";

type Namespace = Pick<DurableObjectNamespace<PrimitiveObject>, "getByName">;

const LOOKS_MAX = 10_000;

export interface Disk {
  readonly sessions: SessionRow[];
  readonly claims: ClaimRow[];
  readonly items: ItemRow[];
}

/** One real object, from outside as its clients see it, and from inside as only a test may. */
export class NamedObject {
  readonly #namespace: Namespace;
  readonly #name: string;

  constructor(namespace: Namespace, name: string) {
    this.#namespace = namespace;
    this.#name = `test/${name}`;
  }

  /** A new one each time: a stub that has thrown is dead. */
  get stub(): DurableObjectStub<PrimitiveObject> {
    return this.#namespace.getByName(this.#name);
  }

  welcomed(said?: Hello): Promise<RawClient> {
    return RawClient.welcomed(this.stub, said);
  }

  open(said?: Hello): Promise<RawClient> {
    return RawClient.open(this.stub, said);
  }

  inside<Result>(
    run: (ctx: DurableObjectState, object: PrimitiveObject) => Result | Promise<Result>,
  ): Promise<Result> {
    return runInDurableObject(this.stub, (object, ctx) => run(ctx, object));
  }

  /** Memory is lost; sockets go to sleep with the object, or are closed as by a crash. */
  evict(webSockets: "hibernate" | "close"): Promise<void> {
    return evictDurableObject(this.stub, { webSockets });
  }

  /** Lets the alarm go off now, whatever the clock says; false if none is armed. */
  ring(): Promise<boolean> {
    return runDurableObjectAlarm(this.stub);
  }

  armedAtMs(): Promise<number | null> {
    return this.inside((ctx) => ctx.storage.getAlarm());
  }

  /** What is written, as another instance would find it. */
  async disk(): Promise<Disk> {
    const hasItems = (await this.tables()).includes("items");
    return this.inside(({ storage: { sql } }) => ({
      sessions: sql.exec<SessionRow>("SELECT * FROM sessions ORDER BY id").toArray(),
      claims: sql.exec<ClaimRow>("SELECT * FROM claims ORDER BY slot").toArray(),
      items: hasItems ? sql.exec<ItemRow>("SELECT * FROM items ORDER BY seq").toArray() : [],
    }));
  }

  tables(): Promise<string[]> {
    return this.inside(({ storage: { sql } }) =>
      sql
        .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
        .toArray()
        .map(({ name }) => name),
    );
  }

  /** The client hangs up; resolves when the object has seen it. */
  async drop(client: RawClient): Promise<void> {
    const instance = await this.inside((_ctx, object) => object);
    using closes = vi.spyOn(PrimitiveObject.prototype, "webSocketClose");
    client.close();
    // Each look is a round trip to the object. A promise that the object resolved would go on in its context.
    for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
      if (closes.mock.contexts.includes(instance)) return;
      await this.inside(() => {});
    }
    throw new Error("The object has not seen a socket close.");
  }
}

export function lock(name: string): NamedObject {
  return new NamedObject(env.LOCKS, name);
}

export function semaphore(name: string): NamedObject {
  return new NamedObject(env.SEMAPHORES, name);
}

export function event(name: string): NamedObject {
  return new NamedObject(env.EVENTS, name);
}

export function condition(name: string): NamedObject {
  return new NamedObject(env.CONDITIONS, name);
}

export function limiter(name: string): NamedObject {
  return new NamedObject(env.LIMITERS, name);
}

export function stream(name: string): NamedObject {
  return new NamedObject(env.STREAMS, name);
}
