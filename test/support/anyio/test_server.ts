import { afterAll, afterEach, beforeAll } from "vitest";
import { connect, type Latchwork } from "../../../sdk/index.ts";
import { startServer, type EmbeddedServer } from "../../../server/index.ts";

type Make<Handle> = (latchwork: Latchwork, name: string) => Handle;

/** The embedded server of one test file, and clients of it that go with the test that they were made in. */
export class TestServer {
  #server: EmbeddedServer | null = null;
  #namesGiven = 0;
  readonly #clients = new Map<object, Latchwork>();

  async start(): Promise<void> {
    this.#server = await startServer();
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  /** Three handles of one name that no other test has, each of a client with a connection of its own. */
  three<Handle extends object>(make: Make<Handle>): [Handle, Handle, Handle] {
    this.#namesGiven += 1;
    const name = `name ${this.#namesGiven}`;
    return [
      this.#handle(make, name, "first"),
      this.#handle(make, name, "second"),
      this.#handle(make, name, "third"),
    ];
  }

  /** Closes the client that a handle came from: its session ends. */
  async closeClientOf(handle: object): Promise<void> {
    await this.#clients.get(handle)?.close();
  }

  async closeClients(): Promise<void> {
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    await Promise.all(clients.map((client) => client.close()));
  }

  #handle<Handle extends object>(make: Make<Handle>, name: string, client: string): Handle {
    if (this.#server === null) throw new Error("The server has not started.");
    const latchwork = connect(this.#server.url, { client });
    const handle = make(latchwork, name);
    this.#clients.set(handle, latchwork);
    return handle;
  }
}

export function serverOfThisFile(): TestServer {
  const server = new TestServer();
  beforeAll(() => server.start());
  afterEach(() => server.closeClients());
  afterAll(() => server.stop());
  return server;
}

/**
 * What is asked on one connection takes effect, and is answered, in the order of asking. So when this settles,
 * whatever was asked through the handle before has had its effect, and its answer, if there was one, has been dealt with.
 */
export async function roundTrip(handle: { statistics(): Promise<unknown> }): Promise<void> {
  await handle.statistics();
  await new Promise(setImmediate);
}
