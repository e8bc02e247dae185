import { LockMachine } from "../../objects/core/lock.ts";
import type { Machine, Recovered } from "../../objects/core/machine.ts";
import { Host } from "../../objects/host/host.ts";
import type { Alarm, Attachment, Ports, Socket } from "../../objects/host/ports.ts";
import {
  encodeRequests,
  decodeMessages,
  type Hello,
  type Request,
  type ServerMessage,
} from "../../sdk/protocol.ts";
import { WatchedStore } from "./watched_store.ts";

export const START_MS = 1_700_000_000_000;
export const TTL_MS = 60_000;

/** Thrown by an instance that throws itself away: like on the platform, nothing after it runs. */
export class Aborted extends Error {}

/** A real host in a world that the test makes: its disk, sockets, alarm and clock, and the end of each turn. */
export class HostWorld {
  nowMs = START_MS;
  /** When the platform will let the alarm go off. */
  armedAtMs: number | null = null;
  /** What was done to the world, in order. */
  readonly log: string[] = [];
  readonly store = new WatchedStore(this.log, () => (this.armedAtMs = null));
  readonly #createMachine: (recovered: Recovered) => Machine;
  #sockets: FakeSocket[] = [];
  #closing: FakeSocket[] = [];
  #putOff: (() => void)[] = [];
  #sessionsCount = 0;
  host: Host;

  constructor(createMachine = (recovered: Recovered): Machine => new LockMachine(recovered)) {
    this.#createMachine = createMachine;
    this.host = this.#start();
  }

  get sockets(): readonly FakeSocket[] {
    return this.#sockets;
  }

  /** False while something is still to be written. */
  get isWritten(): boolean {
    return this.#putOff.length === 0;
  }

  /** A socket on which a client has just said hello; nothing is answered before the turn ends. */
  connect(changes: Partial<Hello> = {}): FakeSocket {
    this.#sessionsCount += 1;
    const hello = {
      session: `session-${String(this.#sessionsCount).padStart(8, "0")}`,
      secret: "a-secret-of-a-session",
      client: `client-${this.#sessionsCount}`,
      ttlMs: TTL_MS,
      attempt: 1,
      resume: false,
      ...changes,
    };
    const socket = new FakeSocket(this, hello);
    this.#sockets.push(socket);
    this.host.open(socket, hello, `hash of ${hello.secret}`);
    return socket;
  }

  /** One round of the event loop: what was put off until now. */
  round(): void {
    for (const run of this.#putOff.splice(0)) run();
  }

  /** Rounds in which no more comes in. Whoever was hung up on hangs up too, a moment later. */
  endTurn(): void {
    while (!this.isWritten) this.round();
    for (const socket of this.#closing.splice(0)) this.host.dropped(socket);
    while (!this.isWritten) this.round();
  }

  /** The alarm goes off, if it is armed, no earlier than it was armed for. */
  ring(): void {
    if (this.armedAtMs === null) throw new Error("No alarm is armed.");
    this.nowMs = Math.max(this.nowMs, this.armedAtMs);
    this.armedAtMs = null;
    this.host.alarm();
    this.endTurn();
  }

  /** Memory is lost, and what was put off; sockets too, unless it is a hibernation. */
  restart({ sockets }: { sockets: "kept" | "lost" }): void {
    this.#putOff = [];
    this.#closing = [];
    if (sockets === "lost") this.#sockets = [];
    this.host = this.#start();
  }

  /** The client has hung up, or its network has. */
  drop(socket: FakeSocket): void {
    this.#remove(socket);
    this.host.dropped(socket);
  }

  hangUp(socket: FakeSocket): void {
    this.#remove(socket);
    this.#closing.push(socket);
  }

  #remove(socket: FakeSocket): void {
    this.#sockets = this.#sockets.filter((each) => each !== socket);
  }

  #start(): Host {
    return new Host(this.#ports(), this.#createMachine);
  }

  #ports(): Ports {
    return {
      store: this.store,
      alarm: new FakeAlarm(this),
      clock: { nowMs: () => this.nowMs },
      sockets: () => [...this.#sockets],
      soon: (run) => this.#putOff.push(run),
      abort: (reason) => {
        this.log.push("abort");
        throw new Aborted(reason);
      },
    };
  }
}

/** What an instance knows of the alarm: no more than it saw when it started, and did since. */
class FakeAlarm implements Alarm {
  readonly #world: HostWorld;
  armedAtMs: number | null;

  constructor(world: HostWorld) {
    this.#world = world;
    this.armedAtMs = world.armedAtMs;
  }

  arm(atMs: number): void {
    this.#world.log.push("arm");
    this.armedAtMs = atMs;
    this.#world.armedAtMs = atMs;
  }

  fired(): void {
    this.armedAtMs = null;
  }
}

/** A socket with both of its ends in the test's hands. */
export class FakeSocket implements Socket {
  readonly hello: Hello;
  /** What the client was told, frame by frame. */
  readonly frames: ServerMessage[][] = [];
  closedWith: number | null = null;
  pingedAtMs: number | null = null;
  readonly #world: HostWorld;
  #attachment: Attachment | null = null;

  constructor(world: HostWorld, hello: Hello) {
    this.#world = world;
    this.hello = hello;
  }

  get told(): ServerMessage[] {
    return this.frames.flat();
  }

  /** The client sends a frame. */
  ask(...requests: Request[]): void {
    for (const frame of encodeRequests(requests)) this.#world.host.receive(this, frame);
  }

  acquire(id: number, timeoutMs?: number): void {
    const request = { id, op: "acquire", permits: 1 } as const;
    this.ask(timeoutMs === undefined ? request : { ...request, timeoutMs });
  }

  /** The token that the request was answered with. */
  token(re: number): number {
    const reply = this.told.find((message) => "re" in message && message.re === re);
    if (reply === undefined || !("ok" in reply) || !("token" in reply.ok)) {
      throw new Error(`Request ${re} was not granted: ${JSON.stringify(this.told)}.`);
    }
    return reply.ok.token;
  }

  drop(): void {
    this.#world.drop(this);
  }

  ping(): void {
    this.pingedAtMs = this.#world.nowMs;
  }

  send(text: string): void {
    this.#world.log.push("send");
    this.frames.push(decodeMessages(text) ?? []);
  }

  close(code: number): void {
    this.closedWith = code;
    this.#world.hangUp(this);
  }

  attachment(): Attachment | null {
    return this.#attachment;
  }

  attach(attachment: Attachment | null): void {
    this.#attachment = attachment;
  }

  lastPingMs(): number | null {
    return this.pingedAtMs;
  }
}
