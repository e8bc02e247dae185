import type { Machine, Recovered } from "../../../objects/core/machine.ts";
import type { OneShotAnswer } from "../../../objects/host/asked.ts";
import { respond, type After } from "../../../objects/host/call_response.ts";
import { Host } from "../../../objects/host/host.ts";
import type { Ports } from "../../../objects/host/ports.ts";
import { decodeRequests } from "../../../sdk/protocol.ts";
import type { Call } from "./call.ts";
import { Disk } from "./disk.ts";
import { Died, Instance } from "./instance.ts";
import type { Connection, Net } from "./network.ts";
import type { Observer } from "./observer.ts";
import { ALARM_LATE_MS_MAX } from "./times.ts";
import { SimAlarm, SimStore } from "./sim_store.ts";

export interface ObjectParts {
  readonly net: Net;
  readonly createMachine: (recovered: Recovered) => Machine;
  readonly observer: Observer;
}

/** How often the platform tries an alarm again that failed, and after how long. */
const ALARM_RETRIES = 6;
const ALARM_RETRY_MS = 2_000;
/** One round of the event loop. */
const ROUND_MS = 0.01;

/**
 * The platform around one Durable Object: it starts instances of the real host, feeds them, and ends them without a
 * word. Only the disk, the alarm and, in hibernation, the sockets outlive them.
 */
export class SimObject {
  readonly name: string;
  readonly disk = new Disk();
  readonly #parts: ObjectParts;
  #current: Instance | null = null;
  /** Sockets whose instance has hibernated. */
  #sleeping = new Set<Connection>();
  /** It died at work: what it wrote may be due with no alarm for it. */
  #mayLackAlarm = false;
  #alarmAtMs: number | null = null;

  constructor(name: string, parts: ObjectParts) {
    this.name = name;
    this.#parts = parts;
  }

  arrived(connection: Connection): void {
    const { greeting } = connection;
    this.#run((instance) => {
      const { host } = instance;
      instance.adopt(connection);
      if ("fault" in greeting) host.refuse(connection, greeting.fault);
      else host.open(connection, greeting.hello, `hash of ${greeting.hello.secret}`);
    });
  }

  message(connection: Connection, text: string): void {
    const decoded = decodeRequests(text);
    this.#runOn(connection, (instance) => {
      const { greeting } = connection;
      if ("requests" in decoded && "hello" in greeting) {
        for (const request of decoded.requests) {
          if ("bad" in request) continue;
          this.#parts.observer.heard(greeting.hello.session, request, instance.clock.nowMs());
        }
      }
      instance.host.receive(connection, text);
      this.pinged(connection);
    });
  }

  /** A call comes in: it is for this instance alone, and dies with it. */
  called(call: Call): void {
    if (this.#current === null) this.#start(false);
    const instance = this.#current;
    if (instance === null) return call.lost();
    const { net, observer } = this.#parts;
    instance.calls.add(call);
    call.taken(() => {
      instance.calls.delete(call);
      observer.callIsOver(call);
    });
    call.missed = () => observer.missed(call);
    const ask: Host["ask"] = (_, answer) => this.#ask(instance, call, answer);
    const after: After = (delayMs, run) => void net.timeline.after(delayMs, run);
    void respond({ ask }, call.request, after).then((response) => call.answered(response));
  }

  /** The platform has answered a ping. */
  pinged({ greeting, isWelcomed }: Connection): void {
    if (!isWelcomed || "fault" in greeting) return;
    const { session, attempt } = greeting.hello;
    this.#parts.observer.alive(session, attempt, this.#parts.net.timeline.nowMs);
  }

  /** The object has told the client that it knows its session. */
  welcomed({ greeting, arrivedAtMs }: Connection): void {
    if ("fault" in greeting) return;
    const { session, attempt } = greeting.hello;
    this.#parts.observer.alive(session, attempt, arrivedAtMs);
  }

  closed(connection: Connection): void {
    this.#runOn(connection, (instance) => {
      instance.lost(connection);
      instance.host.dropped(connection);
    });
    this.#sleeping.delete(connection);
  }

  /** The object prefers another connection of the session. */
  turnedAway({ greeting }: Connection): void {
    if ("fault" in greeting) return;
    const { session, attempt } = greeting.hello;
    this.#parts.observer.turnedAway(session, attempt);
  }

  revoke(token: number): void {
    this.#run(({ host }) => {
      this.#parts.observer.revoking(token);
      if (host.revoke(token)) this.#parts.observer.revoked(token);
    });
  }

  /** What has died after it wrote, and before it armed its alarm, wakes only when somebody comes by. */
  comeBy(): void {
    if (this.#mayLackAlarm) this.inspect();
  }

  inspect(): void {
    this.#run(({ host }) => {
      const report = host.inspect();
      if (!("fault" in report)) this.#parts.observer.inspected(this.disk, report);
    });
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
    if (this.#current === null || this.#current.isBusy || this.#current.calls.size > 0)
      return false;
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
    this.#parts.net.timeline.after(livesMs, () => twin.die());
    return true;
  }

  #runOn(connection: Connection, event: Event): void {
    const owner = Instance.of(connection);
    if (owner?.isAlive === true) this.#feed(owner, event);
    else if (this.#sleeping.has(connection)) this.#run(event);
  }

  #run(event: Event, { byAlarm = false } = {}): void {
    if (this.#current === null) this.#start(byAlarm);
    if (this.#current !== null) this.#feed(this.#current, event);
  }

  #start(byAlarm: boolean): void {
    const instance = new Instance(this.#sleeping, () => Math.floor(this.#parts.net.serverNowMs()));
    this.#sleeping = new Set();
    this.#mayLackAlarm = false;
    this.#current = instance;
    this.#parts.observer.started();
    // In the constructor of an instance that an alarm has woken the alarm is gone already.
    const armedAtMs = byAlarm ? null : this.#alarmAtMs;
    const start = (): void => {
      const ports = this.#ports(instance, armedAtMs);
      instance.host = new Host(ports, this.#parts.createMachine);
    };
    this.#feed(instance, start, { isStart: true });
  }

  #ask(instance: Instance, call: Call, answer: (given: OneShotAnswer) => void): () => void {
    const { observer } = this.#parts;
    let hangUp = (): void => {};
    this.#feed(instance, () => {
      observer.called(call, instance.clock.nowMs());
      hangUp = instance.host.ask(call.oneShot, (given) => {
        observer.answered(call, given);
        answer(given);
      });
    });
    return () => {
      call.isHungUp = true;
      if (!instance.isAlive) return;
      this.#feed(instance, () => {
        if (instance === this.#current) observer.hungUp(call);
        hangUp();
      });
    };
  }

  /** What is due when an instance starts has its end with the event that it was started for. */
  #feed(instance: Instance, event: Event, { isStart = false } = {}): void {
    try {
      event(instance);
      const isAtRest = instance === this.#current && !instance.isBusy && !isStart;
      if (isAtRest) this.#atRest(instance);
    } catch (error) {
      instance.die();
      if (this.#current === instance) this.#current = null;
      this.#mayLackAlarm = true;
      if (!(error instanceof Died)) throw error;
    }
  }

  #atRest(instance: Instance): void {
    const sessions = instance.sockets.flatMap(({ greeting }) =>
      "hello" in greeting ? [greeting.hello.session] : [],
    );
    this.#parts.observer.atRest(this.disk, {
      nowMs: instance.clock.nowMs(),
      isClockTrue: this.#parts.net.isClockTrue(),
      alarmAtMs: this.#alarmAtMs,
      sessions: new Set(sessions),
      callers: new Set(Array.from(instance.calls, ({ oneShot }) => oneShot.session)),
    });
  }

  #ports(instance: Instance, armedAtMs: number | null): Ports {
    const { net, observer } = this.#parts;
    return {
      store: new SimStore(this.disk, {
        faults: net.faults,
        mayTouch: () => this.#mayTouch(instance),
        step: (what) => this.#step(instance, what),
        committed: (commit) => observer.committed(this.disk, commit),
        wiped: () => {
          this.#alarmAtMs = null;
          observer.wiped();
        },
      }),
      alarm: new SimAlarm(armedAtMs, (atMs) => {
        this.#mayTouch(instance);
        this.#step(instance, "arm");
        if (net.faults.strikes("unarmed", this.name)) throw new Died("crashed before it armed");
        this.#arm(atMs);
      }),
      clock: instance.clock,
      sockets: () => instance.sockets,
      soon: (run) => {
        instance.pending += 1;
        net.timeline.after(ROUND_MS, () => {
          instance.pending -= 1;
          if (instance.isAlive) this.#feed(instance, run);
        });
      },
      abort: (reason) => {
        net.note(() => `${this.name}: aborts: ${reason}`);
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
    if (this.#parts.net.faults.strikes("crash", `${this.name}, before it can ${what}`)) {
      throw new Died(`crashed before it could ${what}`);
    }
  }

  #arm(atMs: number): void {
    this.#alarmAtMs = atMs;
    const { net } = this.#parts;
    net.note(() => `${this.name}: armed for ${atMs}`);
    const { faults, timeline, random } = net;
    const delayMs = Math.max(0, atMs - net.serverNowMs());
    let lateMs = random.next() * 3;
    if (faults.strikes("late alarm", this.name))
      lateMs = Math.min(random.delayMs(5_000), ALARM_LATE_MS_MAX);
    if (faults.strikes("early alarm", this.name)) lateMs = -random.next() * delayMs;
    timeline.after(delayMs + lateMs, () => this.#fire(atMs, 0));
  }

  #fire(atMs: number, retries: number): void {
    if (this.#alarmAtMs !== atMs) return;
    this.#alarmAtMs = null;
    const { faults, timeline } = this.#parts.net;
    this.#parts.net.note(() => `${this.name}: alarm of ${atMs}`);
    const isTwice = faults.strikes("double alarm", this.name);
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
    timeline.after(ALARM_RETRY_MS, () => this.#fire(atMs, retries + 1));
  }
}

type Event = (instance: Instance) => void;
