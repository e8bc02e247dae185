import { decodeMessages } from "../../../sdk/protocol.ts";
import { Call } from "./call.ts";
import { Caller } from "./caller.ts";
import { BRING, ROBBERIES } from "./calamities.ts";
import { CALAMITY_NAMES, Faults, type Calamity, type Fault } from "./faults.ts";
import { Connection, type Address, type Net } from "./network.ts";
import { Random } from "./random.ts";
import { SimClient } from "./sim_client.ts";
import { SimObject, type ObjectParts } from "./sim_object.ts";
import { Timeline } from "./timeline.ts";

export interface WorldOptions {
  readonly seed: number;
  readonly enabled: ReadonlySet<Fault>;
  readonly often: number;
  /** Is told what happens, where anybody wants to know. */
  readonly log?: ((line: string) => void) | undefined;
  /** Somebody with a wrong secret was let in. */
  readonly letIn: (what: string) => void;
  /** Somebody did what only an owner may do. */
  readonly robbed: (what: string) => void;
}

/** How long after it has opened. */
const GASP_MS = 50;
const START_MS = 1_700_000_000_000;

/** Clients, objects, the network between them, and everything that can go wrong with them: all from one seed. */
export class World {
  readonly timeline = new Timeline();
  readonly random: Random;
  readonly faults: Faults;
  readonly clients: SimClient[] = [];
  readonly objects = new Map<string, SimObject>();
  readonly #connections = new Set<Connection>();
  readonly #calls = new Set<Call>();
  readonly #net: Net;
  /** That of the calls draws for itself: a run without callers is as if there were none. */
  readonly #callNet: Net;
  readonly #options: WorldOptions;
  #clockOffsetMs = START_MS;
  #dialled = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.random = new Random(options.seed);
    this.faults = new Faults({
      enabled: options.enabled,
      often: options.often,
      random: this.random.fork(),
      note: (line) => this.note(line),
    });
    this.#net = {
      timeline: this.timeline,
      random: this.random.fork(),
      faults: this.faults,
      note: (line) => this.note(line),
      serverNowMs: () => this.timeline.nowMs + this.#clockOffsetMs,
      isClockTrue: () => this.#clockOffsetMs === START_MS,
    };
    this.#callNet = { ...this.#net, random: this.random.named("calls") };
    for (const calamity of CALAMITY_NAMES) this.#plan(calamity);
  }

  note(line: () => string): void {
    this.#options.log?.(`${this.timeline.nowMs.toFixed(2).padStart(12)} ${line()}`);
  }

  object(path: string, parts: Omit<ObjectParts, "net">): SimObject {
    const object = new SimObject(path, { ...parts, net: this.#net });
    this.objects.set(path, object);
    return object;
  }

  objectAt(url: string): SimObject {
    const path = new URL(url).pathname;
    const object = this.objects.get(path);
    if (object === undefined) throw new Error(`There is no object at ${path}.`);
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

  /** Somebody who keeps no connection to the object, and calls it. */
  caller(name: string, object: SimObject): Caller {
    let calls = 0;
    return new Caller(name, {
      timeline: this.timeline,
      random: this.#callNet.random.fork(),
      send: (oneShot) => {
        calls += 1;
        const call = new Call(
          this.#callNet,
          { name: `${name}, call ${calls}`, oneShot },
          (each) => {
            this.note(() => `${each.name} asks ${JSON.stringify(oneShot)}`);
            object.called(each);
          },
        );
        this.#calls.add(call);
        return call;
      },
    });
  }

  /** Those that somebody listens to, and that may be answered. */
  openCalls(): Call[] {
    for (const each of this.#calls) if (!each.isUnderWay) this.#calls.delete(each);
    return [...this.#calls];
  }

  openConnections(): Connection[] {
    for (const each of this.#connections) if (!each.isAlive) this.#connections.delete(each);
    return [...this.#connections].filter(({ isOpenAtServer }) => isOpenAtServer);
  }

  /** By how much the server's clock has been set back in all. */
  get setBackMs(): number {
    return START_MS - this.#clockOffsetMs;
  }

  setClockBack(byMs: number): void {
    this.#clockOffsetMs -= byMs;
  }

  /** Wants to be let in with what is no session's secret, and listens. */
  intrude(url: string, protocols: string[]): void {
    const intruder = this.#stranger("impostor", { url, protocols });
    intruder.client.onmessage = ({ data }) => {
      if (String(data).includes('"welcome"')) this.#options.letIn(String(data));
    };
  }

  /** Asks, in a session of its own, for what is not its to have. */
  rob(url: string, protocols: string[], frame: string): void {
    const thief = this.#stranger("thief", { url, protocols });
    thief.client.onopen = () => thief.client.send(frame);
    thief.client.onmessage = ({ data }) => {
      for (const message of decodeMessages(String(data)) ?? []) {
        const isRobbed = "ok" in message && message.re <= ROBBERIES;
        if (isRobbed) this.#options.robbed(`request ${message.re} of ${frame} succeeded`);
      }
    };
  }

  /** From now on everything works: whoever stands still has gone on, and nothing new goes wrong. */
  heal(): void {
    this.faults.isHealed = true;
    for (const client of this.clients) {
      client.resume();
      client.cutOffUntilMs = 0;
    }
    for (const object of this.objects.values()) object.comeBy();
    this.note(() => "HEALED");
  }

  #dial(client: SimClient, url: string, protocols: string[]): Connection["client"] {
    const isReachable = client.cutOffUntilMs <= this.timeline.nowMs;
    const connection = this.#connect(client.name, { url, protocols, isReachable }, (run) =>
      client.inside(run),
    );
    this.#connections.add(connection);
    if (client.isGasping) this.#lastGasp(client, connection);
    return connection.client;
  }

  /** Whoever was welcomed late, and hears nothing more, must not trust the server for longer than if it had been at once. */
  #lastGasp(client: SimClient, connection: Connection): void {
    client.isGasping = false;
    if (this.faults.isHealed) return;
    const { nowMs } = this.timeline;
    const lateMs = this.faults.randomOf("last gasp").next() * 0.5 * client.ttlMs;
    connection.stall(lateMs, ["down"]);
    this.timeline.after(lateMs + GASP_MS, () => {
      if (!this.faults.isHealed) connection.vanish();
    });
    client.cutOffUntilMs = nowMs + lateMs + 1.5 * client.ttlMs;
  }

  #stranger(who: string, address: { url: string; protocols: string[] }): Connection {
    return this.#connect(who, { ...address, isReachable: true }, (run) => run());
  }

  #connect(
    who: string,
    { url, ...rest }: Omit<Address, "name">,
    inClient: (run: () => void) => void,
  ): Connection {
    const object = this.objectAt(url);
    this.#dialled += 1;
    const name = `${who} #${this.#dialled}`;
    return new Connection(
      this.#net,
      { ...rest, name, url },
      {
        inClient,
        arrived: (each) => object.arrived(each),
        message: (each, text) => object.message(each, text),
        pinged: (each) => object.pinged(each),
        welcomed: (each) => object.welcomed(each),
        turnedAway: (each) => object.turnedAway(each),
        closed: (each) => {
          object.closed(each);
          this.#connections.delete(each);
        },
      },
    );
  }

  #plan(calamity: Calamity): void {
    const inMs = this.faults.nextMs(calamity);
    if (inMs === null) return;
    this.timeline.after(inMs, () => {
      if (this.faults.isHealed) return;
      const where = BRING[calamity](this, this.faults.randomOf(calamity));
      if (where !== null) this.faults.happened(calamity, where);
      this.#plan(calamity);
    });
  }
}
