import {
  decodeMessages,
  offeredProtocols,
  PING,
  PONG,
  type Hello,
  type Notice,
  type Reply,
  type Request,
} from "../../sdk/protocol.ts";

/** Something that answers upgrade requests: an object's stub, or a Worker. */
export interface Door {
  fetch(url: string, init: RequestInit): Promise<Response>;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

let lastSession = 0;

/** A hello with every field filled in; each call makes another session. */
export function hello(changes: Partial<Hello> = {}): Hello {
  lastSession += 1;
  const number = String(lastSession).padStart(8, "0");
  return {
    session: `session-${number}`,
    secret: `secret-of-session-${number}`,
    client: `client-${lastSession}`,
    ttlMs: 60_000,
    attempt: 1,
    resume: false,
    ...changes,
  };
}

/** A client that speaks the wire by hand, so that a test can say exactly what is sent and see what comes back. */
export class RawClient {
  readonly hello: Hello;
  readonly #socket: WebSocket;
  readonly #inbox: (Reply | Notice | typeof PONG)[] = [];
  readonly #waiting = new Set<() => void>();
  readonly closed: Promise<Closed>;
  #lastId = 0;
  #framesCount = 0;

  private constructor(socket: WebSocket, said: Hello) {
    this.hello = said;
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.#framesCount += 1;
      const messages = data === PONG ? [PONG] : decodeMessages(String(data));
      this.#inbox.push(...((messages ?? []) as (Reply | Notice)[]));
      for (const look of this.#waiting) look();
    });
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
    });
    socket.accept();
  }

  static async open(door: Door, said: Hello = hello(), url = "http://object/"): Promise<RawClient> {
    const response = await door.fetch(url, {
      headers: {
        Upgrade: "websocket",
        "Sec-WebSocket-Protocol": offeredProtocols(said).join(", "),
      },
    });
    if (response.webSocket === null) throw new Error(`No socket: status ${response.status}.`);
    return new RawClient(response.webSocket, said);
  }

  /** Opens, and waits for the welcome. */
  static async welcomed(door: Door, said: Hello = hello()): Promise<RawClient> {
    const client = await RawClient.open(door, said);
    await client.notice("welcome");
    return client;
  }

  /** The hello with which this session comes back. */
  again(): Hello {
    return { ...this.hello, attempt: this.hello.attempt + 1, resume: true };
  }

  get nextId(): number {
    return this.#lastId + 1;
  }

  /** How many frames have come, pongs too. */
  get framesCount(): number {
    return this.#framesCount;
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  sendBytes(bytes: Uint8Array<ArrayBuffer>): void {
    this.#socket.send(bytes);
  }

  send(...requests: Request[]): void {
    for (const { id } of requests) this.#lastId = Math.max(this.#lastId, id);
    this.sendText(JSON.stringify(requests));
  }

  /** Sends a request under the next id and waits for its answer. */
  async ask<Op extends Request["op"]>(
    op: Op,
    rest: Omit<Extract<Request, { op: Op }>, "id" | "op">,
  ): Promise<Reply> {
    return this.reply(this.post(op, rest));
  }

  /** Sends a request under the next id, which is returned. */
  post<Op extends Request["op"]>(
    op: Op,
    rest: Omit<Extract<Request, { op: Op }>, "id" | "op">,
  ): number {
    const id = this.nextId;
    this.send({ id, op, ...rest } as unknown as Request);
    return id;
  }

  /** Acquires and returns the token. */
  async acquire(permits = 1): Promise<number> {
    return tokenOf(await this.ask("acquire", { permits }));
  }

  reply(id: number): Promise<Reply> {
    return this.#take((message): message is Reply => {
      return typeof message === "object" && "re" in message && message.re === id;
    });
  }

  notice<Name extends Notice["notice"]>(name: Name): Promise<Extract<Notice, { notice: Name }>> {
    return this.#take((message): message is Extract<Notice, { notice: Name }> => {
      return typeof message === "object" && "notice" in message && message.notice === name;
    });
  }

  async ping(): Promise<void> {
    this.sendText(PING);
    await this.#take((message): message is typeof PONG => message === PONG);
  }

  /** What has come and was not asked for yet. */
  get unread(): readonly (Reply | Notice | typeof PONG)[] {
    return this.#inbox;
  }

  close(): void {
    this.#socket.close(1000, "done");
  }

  #take<Message extends Reply | Notice | typeof PONG>(
    matches: (message: Reply | Notice | typeof PONG) => message is Message,
  ): Promise<Message> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.#inbox.find(matches);
        if (found === undefined) return;
        this.#inbox.splice(this.#inbox.indexOf(found), 1);
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

export function tokenOf(reply: Reply): number {
  if ("ok" in reply && "token" in reply.ok) return reply.ok.token;
  throw new Error(`Not a grant: ${JSON.stringify(reply)}.`);
}

export function errorOf(reply: Reply): string {
  if ("error" in reply) return reply.error.code;
  throw new Error(`Not an error: ${JSON.stringify(reply)}.`);
}
