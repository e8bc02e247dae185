import { isKind, type Kind } from "../sdk/protocol.ts";
import type { VirtualClock } from "./clock.ts";
import { MACHINES } from "./machines.ts";
import { ServerObject } from "./server_object.ts";

/** What production does to a server. Each settles when what follows from it at once has come to rest. */
export interface TestServer {
  /** False between `stop` and `start`. */
  readonly isRunning: boolean;

  /**
   * A crash, or a deploy: memory and connections are lost, what is on disk is kept. Holders hold, waiters keep their
   * places, and the clients come back within the next 2 s of the clock. The TTL of every session begins anew.
   */
  restart(): Promise<void>;

  /** The server goes down and stays down. Until `start` nobody reaches it, and nothing in it falls due. */
  stop(): Promise<void>;

  /** It comes up again, with what was on disk; what fell due meanwhile falls due now. */
  start(): Promise<void>;

  /** Objects that nobody asks lose their memory to save money, and keep disk and connections. Nobody should notice. */
  hibernate(): Promise<void>;
}

/** All objects, by their paths. */
export class Objects {
  readonly #clock: VirtualClock;
  readonly #byPath = new Map<string, ServerObject>();
  #isRunning = true;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** The object at `/v1/:namespace/:kind/:name`. It comes to be when somebody asks for it. */
  at(path: string): ServerObject {
    const known = this.#byPath.get(path);
    if (known !== undefined) return known;
    const object = new ServerObject(this.#clock, MACHINES[addressOf(path).kind]);
    this.#byPath.set(path, object);
    return object;
  }

  [Symbol.iterator](): IterableIterator<[path: string, object: ServerObject]> {
    return this.#byPath.entries();
  }

  hibernate(): void {
    for (const object of this.#byPath.values()) object.hibernate();
  }

  stop(): void {
    this.#isRunning = false;
    for (const object of this.#byPath.values()) object.crash();
  }

  start(): void {
    this.#isRunning = true;
    for (const object of this.#byPath.values()) object.start();
  }
}

export interface Address {
  readonly namespace: string;
  readonly kind: Kind;
  readonly name: string;
}

/** What `objectPath` made the path of. */
export function addressOf(path: string): Address {
  const url = new URL(path, "http://object");
  const [, , namespace = "", kind = "", name] = url.pathname.split("/");
  if (!isKind(kind)) throw new Error(`There is no kind ${JSON.stringify(kind)}.`);
  return {
    namespace,
    kind,
    name: name === undefined ? (url.searchParams.get("name") ?? "") : decodeURIComponent(name),
  };
}
