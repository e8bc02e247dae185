import { clientOfAll, type Latchwork } from "../sdk/client.ts";
import { countFault } from "../sdk/checks.ts";
import { clientOf, type LatchworkWith, type PrimitiveClasses } from "../sdk/client_of.ts";
import { check, ConnectionLostError, errorFrom } from "../sdk/errors.ts";
import { nameFault, namespaceFault, objectPath, type Kind } from "../sdk/names.ts";
import type { ConnectOptions } from "../sdk/options.ts";
import type { ClientProcess } from "./client_process.ts";
import { Clients } from "./clients.ts";
import { TIME_MS_MAX, VirtualClock } from "./clock.ts";
import { EventLoop } from "./event_loop.ts";
import type { Inspections } from "./inspection.ts";
import { LeftoversError, leftoversOf, type Leftover } from "./leftovers.ts";
import type { Client, TestNetwork } from "./network.ts";
import { readTestOptions, type Settings, type TestLatchworkOptions } from "./options.ts";
import { Objects, type TestServer } from "./server.ts";
import type { ServerObject } from "./server_object.ts";
import type { NamespaceOptions, TestLatchwork } from "./test_latchwork.ts";

/**
 * A Latchwork for a test: in memory, with the real machines, the real SDK, and a clock that the test moves. No process,
 * no network, no real time.
 *
 *     await using test = createTestLatchwork();
 *     const lease = await test.connect({ client: "ours" }).lock("a").acquire();
 *     const waiting = test.connect({ client: "theirs" }).lock("a").acquire({ timeoutMs: 10_000 });
 *     await test.clock.advance(10_000); // `waiting` rejects with a TimeoutError
 *
 * Works under fake timers, and needs none. Two kits know nothing of each other.
 *
 * @throws InvalidArgumentError for a `now` or `seed` that is none.
 */
export function createTestLatchwork(options: TestLatchworkOptions = {}): TestLatchwork {
  return new Kit(readTestOptions(options));
}

class Kit implements TestLatchwork {
  readonly #settings: Settings;
  readonly clock: VirtualClock;
  readonly network: TestNetwork;
  readonly server: TestServer;
  readonly #objects: Objects;
  readonly #clients: Clients;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.clock = new VirtualClock(new EventLoop(), settings.nowMs);
    this.#objects = new Objects(this.clock);
    const parts = { clock: this.clock, objects: this.#objects, seed: settings.seed };
    this.#clients = new Clients(parts);
    this.network = this.#network();
    this.server = this.#server();
  }

  connect(first: string | ConnectOptions = {}, options: ConnectOptions = {}): Latchwork {
    return typeof first === "string"
      ? this.#clients.connect(first, options, clientOfAll)
      : this.#clients.connect(ANYWHERE, first, clientOfAll);
  }

  connectWith<Classes extends Partial<PrimitiveClasses>>(
    url: string,
    kinds: Classes,
    options: ConnectOptions = {},
  ): LatchworkWith<keyof Classes & Kind> {
    return this.#clients.connect(url, options, (settings) => clientOf(settings, kinds));
  }

  crash(client: Client): Promise<void> {
    return this.#toEach(client, (process) => process.die());
  }

  pause(client: Client): Promise<void> {
    return this.#toEach(client, (process) => process.pause());
  }

  resume(client: Client): Promise<void> {
    return this.#toEach(client, (process) => process.resume());
  }

  async inspect<Of extends Kind>(
    kind: Of,
    name: string,
    options?: NamespaceOptions,
  ): Promise<Inspections[Of]> {
    const report = await this.#ask(kind, name, options, (object) => object.inspect());
    if ("fault" in report) throw errorFrom(report.fault);
    return report as Inspections[Of];
  }

  revoke(kind: Kind, name: string, token: number, options?: NamespaceOptions): Promise<boolean> {
    return this.#ask(kind, name, options, (object) => object.revoke(token));
  }

  leftovers(): Promise<Leftover[]> {
    return this.#do(() => {
      this.#checkRunning();
      return leftoversOf(this.#objects, (client) => this.#clients.isDead(client));
    });
  }

  async dispose(): Promise<void> {
    const { failOnLeftovers } = this.#settings;
    if (failOnLeftovers && !this.#objects.isRunning) this.#objects.start();
    const left = failOnLeftovers ? await this.leftovers() : [];
    this.#clients.end();
    this.#objects.stop();
    if (left.length > 0) throw new LeftoversError(left);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #network(): TestNetwork {
    return {
      cut: (client) => this.#toEach(client, ({ link }) => link.cut()),
      silence: (client) => this.#toEach(client, ({ link }) => link.silence()),
      restore: (client) => this.#toEach(client, ({ link }) => link.restore()),
      delay: async (client, ms) => {
        check(countFault("ms", ms, { to: TIME_MS_MAX }));
        await this.#toEach(client, ({ link }) => link.delay(ms));
      },
    };
  }

  #server(): TestServer {
    const objects = this.#objects;
    return {
      get isRunning() {
        return objects.isRunning;
      },
      stop: () => this.#do(() => objects.stop()),
      start: () => this.#do(() => objects.start()),
      restart: () =>
        this.#do(() => {
          objects.stop();
          objects.start();
        }),
      hibernate: () => this.#do(() => objects.hibernate()),
    };
  }

  async #toEach(client: Client, act: (process: ClientProcess) => void): Promise<void> {
    const processes = this.#clients.find(client);
    await this.#do(() => processes.forEach(act));
  }

  async #ask<Answer>(
    kind: Kind,
    name: string,
    { namespace = "default" }: NamespaceOptions = {},
    ask: (object: ServerObject) => Answer,
  ): Promise<Answer> {
    check(namespaceFault(namespace) ?? nameFault(name));
    return this.#do(() => {
      this.#checkRunning();
      return ask(this.#objects.at(objectPath(namespace, kind, name)));
    });
  }

  #checkRunning(): void {
    if (this.#objects.isRunning) return;
    throw new ConnectionLostError("The server is stopped: `test.server.start()` starts it.");
  }

  /** What a test does to the world comes after all that was under way, and is over when it has had its effect. */
  async #do<Value>(act: () => Value): Promise<Value> {
    await this.clock.settle();
    const value = act();
    await this.clock.settle();
    return value;
  }
}

/** For who says no address: any would do. */
const ANYWHERE = "http://127.0.0.1:8787";
