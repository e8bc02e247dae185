import { FAULTS, Faults, type Fault } from "./faults.ts";
import { Connection, type Net } from "./network.ts";
import { Random } from "./random.ts";
import { SimClient } from "./sim_client.ts";
import { SimObject } from "./sim_object.ts";
import { Timeline } from "./timeline.ts";

export interface WorldOptions {
  readonly seed: number;
  readonly enabled: ReadonlySet<Fault>;
  readonly log: (line: string) => void;
}

const START_MS = 1_700_000_000_000;
/** Of the shortest TTL, what is left between the client's trust and the server's patience when both clocks are off. */
export const TTL_MS_MIN = 2_000;
const TWIN_MS_MAX = TTL_MS_MIN * 0.04;

/** Clients, objects, the network between them, and everything that can go wrong with them: all from one seed. */
export class World {
  readonly timeline = new Timeline();
  readonly random: Random;
  readonly faults: Faults;
  readonly clients: SimClient[] = [];
  readonly objects = new Map<string, SimObject>();
  readonly #connections = new Set<Connection>();
  readonly #net: Net;
  readonly #log: (line: string) => void;
  #clockOffsetMs = START_MS;

  constructor({ seed, enabled, log }: WorldOptions) {
    this.random = new Random(seed);
    this.#log = (line) => log(`${this.timeline.nowMs.toFixed(2).padStart(12)} ${line}`);
    this.faults = new Faults(enabled, this.random.fork(), this.#log);
    this.#net = {
      timeline: this.timeline,
      random: this.random.fork(),
      faults: this.faults,
      serverNowMs: () => this.timeline.nowMs + this.#clockOffsetMs,
    };
    for (const fault of Object.keys(FAULTS) as Fault[]) this.#plan(fault);
  }

  get serverNowMs(): number {
    return this.#net.serverNowMs();
  }

  note(line: string): void {
    this.#log(line);
  }

  object(path: string, parts: Omit<ConstructorParameters<typeof SimObject>[2], "log">): SimObject {
    const object = new SimObject(path, this.#net, { ...parts, log: this.#log });
    this.objects.set(path, object);
    return object;
  }

  client(name: string, ttlMs: number): SimClient {
    const client = new SimClient(name, {
      timeline: this.timeline,
      random: this.random.fork(),
      ttlMs,
      dial: (from, url, protocols) => this.#dial(from, url, protocols),
    });
    this.clients.push(client);
    return client;
  }

  /** From now on everything works: whoever stands still has gone on, and nothing new goes wrong. */
  heal(): void {
    this.faults.isHealed = true;
    for (const client of this.clients) client.resume();
    this.#log("HEALED");
  }

  #dial(client: SimClient, url: string, protocols: string[]): Connection["client"] {
    const path = new URL(url).pathname;
    const object = this.objects.get(path);
    if (object === undefined) throw new Error(`There is no object at ${path}.`);
    const connection = new Connection(
      this.#net,
      { url, protocols },
      {
        inClient: (run) => client.inside(run),
        arrived: (each) => object.arrived(each),
        message: (each, text) => object.message(each, text),
        closed: (each) => {
          object.closed(each);
          this.#connections.delete(each);
        },
      },
    );
    this.#connections.add(connection);
    return connection.client;
  }

  #plan(fault: Fault): void {
    const inMs = this.faults.nextMs(fault);
    if (inMs === null) return;
    this.timeline.after(inMs, () => {
      if (this.faults.isHealed) return;
      this.#bring(fault);
      this.#plan(fault);
    });
  }

  #bring(fault: Fault): void {
    const { random } = this;
    const where = this.#victimOf(fault, random);
    if (where !== null) this.faults.happened(fault, where);
  }

  /** Brings the fault about; says where, or `null` where there was nobody to suffer it. */
  #victimOf(fault: Fault, random: Random): string | null {
    const running = this.clients.filter(({ state }) => state === "running");
    const open = [...this.#connections].filter(({ isOpenAtServer }) => isOpenAtServer);
    for (const each of this.#connections) if (!each.isAlive) this.#connections.delete(each);
    const objects = [...this.objects.values()];
    switch (fault) {
      case "cut":
      case "half-open":
      case "stall": {
        if (open.length === 0) return null;
        const connection = random.pick(open);
        if (fault === "cut") connection.cut();
        else if (fault === "half-open") connection.silence();
        else connection.stall(random.delayMs(2_000));
        return connection.url;
      }
      case "deploy":
        for (const object of objects) object.crash();
        return "every object";
      case "hibernation": {
        const object = random.pick(objects);
        return object.hibernate() ? object.name : null;
      }
      case "twin": {
        const object = random.pick(objects);
        return object.replace(random.next() * TWIN_MS_MAX) ? object.name : null;
      }
      case "pause": {
        if (running.length === 0) return null;
        const client = random.pick(running);
        client.pause(random.delayMs(4_000));
        return client.name;
      }
      case "client crash": {
        if (running.length < 3) return null;
        const client = random.pick(running.slice(1));
        client.die();
        return client.name;
      }
      case "clock back": {
        const backMs = random.delayMs(2_000);
        this.#clockOffsetMs -= backMs;
        return `${backMs.toFixed(0)} ms`;
      }
      default:
        return null;
    }
  }
}
