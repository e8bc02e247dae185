import { PING, PONG, type Reply, type ServerMessage } from "../sdk/frames.ts";
import { offeredProtocols } from "../sdk/hello.ts";
import { objectPath, type Kind } from "../sdk/names.ts";
import type { Request } from "../sdk/requests.ts";
import type { Grant } from "../sdk/results.ts";
import { openSocket, type Server } from "./socket.ts";

/** Longer than any silence between two rounds: this client sends no heart-beats. */
const TTL_MS = 120_000;

/** Which requests share a frame: those that are asked in one task, as from the SDK, or none. */
export type Framing = "a frame a task" | "a frame a request";

/**
 * The least that can speak to a Latchwork object: nothing is repeated, watched or timed. With the SDK's framing, the
 * SDK's cost is what it takes more than this.
 */
export class RawClient {
  readonly #answers = new Map<number, PromiseWithResolvers<object>>();
  readonly #framing: Framing;
  #pongs: PromiseWithResolvers<void>[] = [];
  #socket: WebSocket | null = null;
  #outbox: object[] = [];
  #lastId = 0;

  private constructor(framing: Framing) {
    this.#framing = framing;
  }

  static async open(
    server: Server,
    { kind, name, framing }: { kind: Kind; name: string; framing: Framing },
    stack: AsyncDisposableStack,
  ): Promise<RawClient> {
    const client = new RawClient(framing);
    const url = server.url + objectPath("default", kind, name);
    const hello = {
      session: crypto.randomUUID(),
      secret: crypto.randomUUID(),
      client: "raw",
      ttlMs: TTL_MS,
      attempt: 1,
      resume: false,
    };
    client.#socket = await openSocket(
      { url, protocols: offeredProtocols(hello) },
      { message: (text) => client.#receive(text), fail: (error) => client.#fail(error) },
      stack,
    );
    return client;
  }

  /** The id that the next request will have. */
  get nextId(): number {
    return this.#lastId + 1;
  }

  async acquire(config?: { permits: number }): Promise<number> {
    const body = { op: "acquire", permits: 1, ...(config && { config }) } as const;
    return ((await this.ask(body)) as Grant).token;
  }

  async release(token: number): Promise<void> {
    await this.ask({ op: "release", token });
  }

  /** Answered by the platform: the object need not be awake. */
  ping(): Promise<void> {
    const pong = Promise.withResolvers<void>();
    this.#pongs.push(pong);
    this.#socket?.send(PING);
    return pong.promise;
  }

  async tasksWaiting(): Promise<number> {
    const statistics = (await this.ask({ op: "statistics" })) as { tasksWaiting: number };
    return statistics.tasksWaiting;
  }

  ask(body: Body): Promise<object> {
    this.#lastId += 1;
    const answer = Promise.withResolvers<object>();
    this.#answers.set(this.#lastId, answer);
    this.#outbox.push({ id: this.#lastId, ...body });
    if (this.#framing === "a frame a request") this.#flush();
    else if (this.#outbox.length === 1) queueMicrotask(() => this.#flush());
    return answer.promise;
  }

  #flush(): void {
    this.#socket?.send(JSON.stringify(this.#outbox));
    this.#outbox = [];
  }

  #receive(text: string): void {
    if (text === PONG) return this.#pongs.shift()?.resolve();
    for (const message of JSON.parse(text) as ServerMessage[]) {
      if ("re" in message) this.#settle(message);
      else if (message.notice !== "welcome") this.#fail(new Error(`The server says ${text}`));
    }
  }

  #settle(reply: Reply): void {
    const answer = this.#answers.get(reply.re);
    this.#answers.delete(reply.re);
    if ("ok" in reply) answer?.resolve(reply.ok);
    else answer?.reject(new Error(reply.error.message));
  }

  #fail(error: Error): void {
    for (const { reject } of [...this.#answers.values(), ...this.#pongs]) reject(error);
    this.#answers.clear();
    this.#pongs = [];
  }
}

type Body = Request extends infer Each ? (Each extends Request ? Omit<Each, "id"> : never) : never;
