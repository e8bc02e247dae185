import type { Machine, Recovered } from "../../../objects/core/machine.ts";
import { Host } from "../../../objects/host/host.ts";
import type { Alarm, Changes, Ports, Store } from "../../../objects/host/ports.ts";
import { readHello, readOffer } from "../../../sdk/protocol.ts";
import { Disk, type Granted } from "./disk.ts";
import type { Connection, Net } from "./network.ts";

/** Thrown by the world where an instance ends: nothing after it runs. */
class Died extends Error {}

/** What looks on at every commit, and complains. */
export type Watch = (disk: Disk, granted: readonly Granted[]) => void;

/** How often the platform tries an alarm again that failed, and after how long. */
const ALARM_RETRIES = 6;
const ALARM_RETRY_MS = 2_000;

/**
 * The platform around one Durable Object: it starts instances of the real host, feeds them, and ends them without a
 * word. Only the disk, the alarm and, in hibernation, the sockets outlive them.
 */
export class SimObject {
  readonly name: string;
  readonly disk = new Disk();
  readonly #net: Net;
  readonly #createMachine: (recovered: Recovered) => Machine;
  readonly #watch: Watch;
  readonly #atRest: (disk: Disk, alarmAtMs: number | null) => void;
  readonly #log: (line: string) => void;
  #current: Instance | null = null;
  /** Sockets whose instance has hibernated. */
  #sleeping = new Set<Connection>();
  #alarmAtMs: number | null = null;
  #lastClockMs = 0;

  constructor(
    name: string,
    net: Net,
    parts: {
      createMachine: (recovered: Recovered) => Machine;
      watch: Watch;
      /** Looks on whenever an instance has nothing under way. */
      atRest: (disk: Disk, alarmAtMs: number | null) => void;
      log: (line: string) => void;
    },
  ) {
    this.name = name;
    this.#net = net;
    this.#createMachine = parts.createMachine;
    this.#watch = parts.watch;
    this.#atRest = parts.atRest;
    this.#log = (line) => parts.log(`${name}: ${line}`);
  }

  /** When the alarm will go off; `null` when it is not armed. */
  get alarmAtMs(): number | null {
    return this.#alarmAtMs;
  }

  get isAwake(): boolean {
    return this.#current !== null;
  }

  arrived(connection: Connection): void {
    const offer = readOffer(connection.protocols.join(", "));
    const greeting = readHello(offer.hello);
    this.#run((instance) => {
      instance.sockets.add(connection);
      if ("fault" in greeting) instance.host.refuse(connection, greeting.fault);
      else instance.host.open(connection, greeting.hello, `hash of ${greeting.hello.secret}`);
    });
  }

  message(connection: Connection, text: string): void {
    this.#runOn(connection, ({ host }) => host.receive(connection, text));
  }

  closed(connection: Connection): void {
    this.#runOn(connection, (instance) => {
      instance.sockets.delete(connection);
      instance.host.dropped(connection);
    });
    this.#sleeping.delete(connection);
  }

  /** The process dies. */
  crash(): void {
    this.#current?.die();
    this.#current = null;
    for (const connection of this.#sleeping) connection.die();
    this.#sleeping.clear();
  }

  /** Memory goes, sockets stay; not while anything is under way. */
  hibernate(): boolean {
    if (this.#current === null || this.#current.isBusy) return false;
    this.#sleeping = new Set(this.#current.sockets);
    this.#current.isAlive = false;
    this.#current = null;
    return true;
  }

  /**
   * Another instance takes over with the next event; this one does not know, and has its sockets for so long. The
   * platform answers pings on them all the while, so this must be shorter than what a client holds back of a TTL.
   */
  replace(livesMs: number): boolean {
    const twin = this.#current;
    if (twin === null) return false;
    this.#current = null;
    this.#net.timeline.after(livesMs, () => twin.die());
    return true;
  }

  #runOn(connection: Connection, event: (instance: Instance) => void): void {
    const owner = Instance.of(connection);
    if (owner?.isAlive === true) this.#feed(owner, event);
    else if (this.#sleeping.has(connection)) this.#run(event);
  }

  #run(event: (instance: Instance) => void, { byAlarm = false } = {}): void {
    if (this.#current === null) this.#start(byAlarm);
    if (this.#current !== null) this.#feed(this.#current, event);
  }

  #start(byAlarm: boolean): void {
    const instance = new Instance(this.#sleeping);
    this.#sleeping = new Set();
    this.#current = instance;
    // In the constructor of an instance that an alarm has woken the alarm is gone already.
    const armedAtMs = byAlarm ? null : this.#alarmAtMs;
    this.#feed(instance, () => {
      instance.host = new Host(this.#ports(instance, armedAtMs), this.#createMachine);
    });
  }

  #feed(instance: Instance, event: (instance: Instance) => void): void {
    try {
      event(instance);
      if (instance === this.#current && !instance.isBusy) this.#atRest(this.disk, this.#alarmAtMs);
    } catch (error) {
      instance.die();
      if (this.#current === instance) this.#current = null;
      if (!(error instanceof Died)) throw error;
    }
  }

  #ports(instance: Instance, armedAtMs: number | null): Ports {
    return {
      store: new SimStore(this.disk, instance, {
        mayTouch: () => this.#mayTouch(instance),
        step: (what) => this.#step(instance, what),
        faults: this.#net.faults,
        committed: (granted) => this.#watch(this.disk, granted),
        wiped: () => (this.#alarmAtMs = null),
      }),
      alarm: new SimAlarm(armedAtMs, (atMs) => {
        this.#mayTouch(instance);
        this.#step(instance, "arm");
        this.#arm(atMs);
      }),
      clock: { nowMs: () => this.#clockMs(instance) },
      sockets: () => [...instance.sockets],
      soon: (run) => {
        instance.pending += 1;
        this.#net.timeline.after(0.01, () => {
          instance.pending -= 1;
          if (instance.isAlive) this.#feed(instance, run);
        });
      },
      abort: (reason) => {
        this.#log(`aborts: ${reason}`);
        throw new Died(reason);
      },
    };
  }

  /** Only storage access shows an instance that another has taken over. */
  #mayTouch(instance: Instance): void {
    if (this.#current !== instance) throw new Died("another instance has taken over");
  }

  #step(instance: Instance, what: string): void {
    if (!instance.isAlive) throw new Died("it is dead");
    if (this.#net.faults.strikes("crash", `${this.name}, before it can ${what}`)) {
      throw new Died(`crashed before ${what}`);
    }
  }

  /** Each instance's clock stands still rather than run back. */
  #clockMs(instance: Instance): number {
    instance.lastMs = Math.max(instance.lastMs, Math.floor(this.#net.serverNowMs()));
    this.#lastClockMs = Math.max(this.#lastClockMs, instance.lastMs);
    return instance.lastMs;
  }

  #arm(atMs: number): void {
    this.#alarmAtMs = atMs;
    const { faults, random, timeline } = this.#net;
    const delayMs = Math.max(0, atMs - this.#net.serverNowMs());
    let lateMs = random.next() * 3;
    if (faults.strikes("late alarm", this.name)) lateMs = random.delayMs(5_000);
    if (faults.strikes("early alarm", this.name)) lateMs = -random.next() * delayMs;
    timeline.after(delayMs + lateMs, () => this.#fire(atMs, 0));
  }

  #fire(atMs: number, retries: number): void {
    if (this.#alarmAtMs !== atMs) return;
    this.#alarmAtMs = null;
    const isTwice = this.#net.faults.strikes("double alarm", this.name);
    let hasRun = false;
    this.#run(
      ({ host }) => {
        host.alarm();
        hasRun = true;
      },
      { byAlarm: true },
    );
    if (hasRun && isTwice) this.#run(({ host }) => host.alarm());
    // The platform tries again, so often and no more; unless somebody has armed it meanwhile.
    if (hasRun || retries === ALARM_RETRIES || this.#alarmAtMs !== null) return;
    this.#alarmAtMs = atMs;
    this.#net.timeline.after(ALARM_RETRY_MS, () => this.#fire(atMs, retries + 1));
  }
}

/** One instance: its memory, for as long as it lasts. */
class Instance {
  static readonly #owners = new WeakMap<Connection, Instance>();
  readonly sockets: SocketSet;
  isAlive = true;
  lastMs = 0;
  /** What it has put off to the next round of the event loop. */
  pending = 0;
  #host: Host | null = null;

  constructor(sockets: Iterable<Connection>) {
    this.sockets = new SocketSet((connection) => Instance.#owners.set(connection, this));
    for (const connection of sockets) this.sockets.add(connection);
  }

  static of(connection: Connection): Instance | null {
    return Instance.#owners.get(connection) ?? null;
  }

  get host(): Host {
    if (this.#host === null) throw new Died("it has not started");
    return this.#host;
  }

  set host(host: Host) {
    this.#host = host;
  }

  get isBusy(): boolean {
    return this.pending > 0;
  }

  die(): void {
    this.isAlive = false;
    for (const connection of this.sockets) connection.die();
  }
}

class SocketSet extends Set<Connection> {
  readonly #added: (connection: Connection) => void;

  constructor(added: (connection: Connection) => void) {
    super();
    this.#added = added;
  }

  override add(connection: Connection): this {
    this.#added(connection);
    return super.add(connection);
  }
}

interface StoreWorld {
  mayTouch(): void;
  step(what: string): void;
  readonly faults: Net["faults"];
  committed(granted: readonly Granted[]): void;
  wiped(): void;
}

class SimStore implements Store {
  readonly #disk: Disk;
  readonly #world: StoreWorld;

  constructor(disk: Disk, _instance: Instance, world: StoreWorld) {
    this.#disk = disk;
    this.#world = world;
  }

  get isUsed(): boolean {
    return this.#disk.isUsed;
  }

  get lastEndedAtMs(): number {
    return this.#disk.lastEndedAtMs;
  }

  load(): ReturnType<Store["load"]> {
    this.#world.mayTouch();
    return this.#disk.read();
  }

  commit(changes: Changes): void {
    this.#world.mayTouch();
    this.#world.step("commit");
    if (this.#world.faults.strikes("failed commit", "nothing is written")) {
      throw new Error("The commit failed.");
    }
    this.#world.committed(this.#disk.write(changes));
    if (this.#world.faults.strikes("unknown commit", "everything is written")) {
      throw new Error("Whether the commit failed is not known.");
    }
    this.#world.step("say that it has committed");
  }

  probe(): void {
    this.#world.mayTouch();
    this.#world.step("read");
  }

  wipe(): void {
    this.#world.mayTouch();
    this.#disk.wipe();
    this.#world.wiped();
  }
}

class SimAlarm implements Alarm {
  readonly #arm: (atMs: number) => void;
  armedAtMs: number | null;

  constructor(armedAtMs: number | null, arm: (atMs: number) => void) {
    this.armedAtMs = armedAtMs;
    this.#arm = arm;
  }

  arm(atMs: number): void {
    this.#arm(atMs);
    this.armedAtMs = atMs;
  }

  fired(): void {
    this.armedAtMs = null;
  }
}
