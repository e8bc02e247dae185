import type { Inspection } from "../objects/core/machine.ts";
import { Host } from "../objects/host/host.ts";
import type { Alarm, Ports } from "../objects/host/ports.ts";
import { readHello, readOffer, type Fault, type Hello, type Statistics } from "../sdk/protocol.ts";
import type { VirtualClock } from "./clock.ts";
import type { CreateMachine } from "./machines.ts";
import { MemoryStore } from "./memory_store.ts";
import type { Receiver, SocketPair } from "./socket_pair.ts";

/**
 * The platform around one Durable Object, with the real host in it. Disk and alarm outlive every instance; sockets
 * outlive those that hibernate.
 */
export class ServerObject implements Receiver {
  readonly #clock: VirtualClock;
  readonly #createMachine: CreateMachine;
  readonly #store = new MemoryStore(() => this.#disarm());
  readonly #sockets = new Set<SocketPair>();
  #instance: { readonly host: Host } | null = null;
  #armedAtMs: number | null = null;
  #cancelAlarm = (): void => {};

  constructor(clock: VirtualClock, createMachine: CreateMachine) {
    this.#clock = clock;
    this.#createMachine = createMachine;
  }

  /** False while nobody has used the name. */
  get isUsed(): boolean {
    return this.#store.isUsed;
  }

  accept(socket: SocketPair): void {
    // It wakes before the socket is among its own.
    const host = this.#awake();
    this.#sockets.add(socket);
    const greeting = greetingOf(socket.protocols);
    if ("fault" in greeting) host.refuse(socket, greeting.fault);
    // Nobody else can look into this disk: the secret is its own hash.
    else host.open(socket, greeting.hello, greeting.hello.secret);
  }

  message(socket: SocketPair, text: string): void {
    this.#awake().receive(socket, text);
  }

  closed(socket: SocketPair): void {
    const host = this.#awake();
    this.#sockets.delete(socket);
    host.dropped(socket);
  }

  inspect(): (Statistics & Inspection) | { fault: Fault } {
    return this.#awake().inspect();
  }

  revoke(token: number): boolean {
    return this.#awake().revoke(token);
  }

  /** Memory is gone; disk, alarm and sockets are not. */
  hibernate(): void {
    this.#instance = null;
  }

  /** The process is gone, and all sockets with it; no alarm goes off before `start`. */
  crash(): void {
    this.#instance = null;
    this.#cancelAlarm();
    for (const socket of this.#sockets) socket.abandon();
    this.#sockets.clear();
  }

  start(): void {
    if (this.#armedAtMs !== null) this.#arm(this.#armedAtMs);
  }

  #awake(): Host {
    this.#instance ??= this.#newInstance();
    return this.#instance.host;
  }

  #newInstance(): { readonly host: Host } {
    const isThis = (): boolean => this.#instance === instance;
    const ports: Ports = {
      store: this.#store,
      alarm: this.#alarm(),
      clock: { nowMs: () => this.#clock.nowMs },
      sockets: () => Array.from(this.#sockets).filter(({ isOpenAtServer }) => isOpenAtServer),
      // What an instance put off dies with it.
      soon: (run) => void this.#clock.after(0, () => isThis() && run()),
      abort: (reason) => {
        this.crash();
        this.start();
        throw new Error(`An object has thrown its memory away: ${reason}`);
      },
    };
    const instance = { host: new Host(ports, this.#createMachine) };
    return instance;
  }

  /** What an instance knows of the alarm: no more than it saw when it started, and did since. */
  #alarm(): Alarm {
    let armedAtMs = this.#armedAtMs;
    return {
      get armedAtMs() {
        return armedAtMs;
      },
      arm: (atMs) => {
        armedAtMs = atMs;
        this.#arm(atMs);
      },
      fired: () => {
        armedAtMs = null;
      },
    };
  }

  #arm(atMs: number): void {
    this.#cancelAlarm();
    this.#armedAtMs = atMs;
    this.#cancelAlarm = this.#clock.at(atMs, () => {
      this.#armedAtMs = null;
      this.#awake().alarm();
    });
  }

  #disarm(): void {
    this.#cancelAlarm();
    this.#armedAtMs = null;
  }
}

function greetingOf(protocols: readonly string[]): { hello: Hello } | { fault: Fault } {
  return readHello(readOffer(protocols.join(", ")).hello);
}
