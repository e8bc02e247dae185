import { ClosedResourceError, InvalidArgumentError } from "../sdk/errors.ts";
import { readOptions, type ClientSettings, type ConnectOptions } from "../sdk/options.ts";
import { ClientProcess } from "./client_process.ts";
import type { VirtualClock } from "./clock.ts";
import type { Client } from "./network.ts";
import { Random } from "./random.ts";
import type { Objects } from "./server.ts";
import { SocketPair } from "./socket_pair.ts";

/** What every client of the SDK can do. */
interface Closable extends AsyncDisposable {
  close(): Promise<void>;
}

/** The address of all objects; what stands behind it is the object's path. */
const BASE = "ws://latchwork.test";

export interface ClientsParts {
  readonly clock: VirtualClock;
  readonly objects: Objects;
  readonly seed: number;
}

/** The clients of a test kit, each in a process of its own. */
export class Clients {
  readonly #parts: ClientsParts;
  readonly #processes = new Map<object, ClientProcess>();
  #isOver = false;

  constructor(parts: ClientsParts) {
    this.#parts = parts;
  }

  /** @param make has the SDK make it. */
  connect<Made extends Closable>(
    url: string,
    options: ConnectOptions,
    make: (settings: ClientSettings) => Made,
  ): Made {
    if (this.#isOver) throw new ClosedResourceError("The test kit was disposed.");
    const { client = `client-${this.#processes.size + 1}` } = options;
    const process = this.#newProcess(client);
    const settings = readOptions(url, { ...options, client }, process.environment);
    const made = inProcess(make({ ...settings, base: BASE }), {
      process,
      settled: () => this.#parts.clock.settle(),
    });
    this.#processes.set(made, process);
    return made;
  }

  /** @throws InvalidArgumentError for somebody that this kit does not know. */
  find(client: Client): ClientProcess[] {
    const found =
      typeof client === "string"
        ? [...this.#processes.values()].filter(({ name, isDead }) => name === client && !isDead)
        : [this.#processes.get(client)].filter((process) => process !== undefined);
    if (found.length > 0) return found;
    const who =
      typeof client === "string" ? `no client ${JSON.stringify(client)}` : "no such client";
    throw new InvalidArgumentError(`This test kit has ${who}: they come from its own connect().`);
  }

  /** True if there is nobody of this name, or nobody any more. */
  isDead(client: string): boolean {
    return [...this.#processes.values()].every(({ name, isDead }) => name !== client || isDead);
  }

  end(): void {
    this.#isOver = true;
    for (const process of this.#processes.values()) process.die();
  }

  #newProcess(name: string): ClientProcess {
    const { clock, objects, seed } = this.#parts;
    return new ClientProcess({
      name,
      clock,
      random: new Random(seed, this.#processes.size + 1),
      dial: (process, url, protocols) => {
        const receiver = () => (objects.isRunning ? objects.at(url.slice(BASE.length)) : null);
        return new SocketPair({ process, clock, protocols, receiver }).client;
      },
    });
  }
}

/** A client whose end does not hang where there is nobody to talk to: its process is dead, or the clock stands still. */
function inProcess<Made extends Closable>(
  client: Made,
  { process, settled }: { process: ClientProcess; settled: () => Promise<void> },
): Made {
  const close = async (): Promise<void> => {
    if (!process.isDead) await client.close();
  };
  const dispose = (): Promise<void> => Promise.race([close(), settled()]);
  return { ...client, close, [Symbol.asyncDispose]: dispose };
}
