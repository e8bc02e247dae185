import type { SocketLike } from "../../../sdk/environment.ts";
import {
  decodeRequests,
  encodeMessages,
  PING,
  PONG,
  readHello,
  readOffer,
  type Fault,
  type Hello,
  type Operation,
  type Request,
  type Result,
  type ServerMessage,
} from "../../../sdk/protocol.ts";

/** A socket with both its ends: the SDK has the standard part, and the test plays the server. */
export class FakeSocket implements SocketLike {
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  onerror: SocketLike["onerror"] = null;

  readonly url: string;
  readonly hello: Hello;
  readonly token: string | null;
  /** The frames of requests that came, decoded. */
  readonly frames: Request[][] = [];
  /** What a server would refuse: it must stay empty. */
  readonly complaints: string[] = [];
  pingsCount = 0;
  answersPings = true;
  welcomed = false;
  state: "connecting" | "open" | "closed by client" | "gone" = "connecting";

  constructor(url: string, protocols: readonly string[]) {
    this.url = url;
    const offer = readOffer(protocols.join(", "));
    this.token = offer.token;
    const greeting = readHello(offer.hello);
    if ("fault" in greeting) throw new Error(greeting.fault.message);
    this.hello = greeting.hello;
  }

  get requests(): Request[] {
    return this.frames.flat();
  }

  /** The newest request of a kind. */
  asked<Op extends Operation>(op: Op): Request & { op: Op } {
    const request = this.requests.findLast((each) => each.op === op);
    if (request === undefined) throw new Error(`Nobody asked for "${op}".`);
    return request as Request & { op: Op };
  }

  send(text: string): void {
    if (this.state !== "open") throw new Error(`The socket is ${this.state}.`);
    if (text === PING) {
      this.pingsCount += 1;
      if (this.answersPings) queueMicrotask(() => this.pong());
      return;
    }
    const decoded = decodeRequests(text);
    if ("fault" in decoded) {
      this.complaints.push(decoded.fault.message);
      return;
    }
    const frame: Request[] = [];
    let lastId = this.requests.at(-1)?.id ?? 0;
    for (const request of decoded.requests) {
      if (request.id <= lastId) this.complaints.push(`${request.id} came after ${lastId}.`);
      if ("bad" in request) this.complaints.push(request.bad.message);
      else frame.push(request);
      lastId = request.id;
    }
    this.frames.push(frame);
  }

  close(): void {
    if (this.state === "closed by client" || this.state === "gone") return;
    this.state = "closed by client";
    queueMicrotask(() => this.onclose?.({ code: 1005, reason: "" }));
  }

  /** Accepts the upgrade, and says nothing yet. */
  open(): void {
    if (this.state !== "connecting") return;
    this.state = "open";
    this.onopen?.(undefined as never);
  }

  welcome(held: readonly number[] = []): void {
    this.open();
    this.welcomed = true;
    const resumed = this.hello.attempt > 1;
    this.say({ notice: "welcome", version: 1, resumed, held });
  }

  say(...messages: ServerMessage[]): void {
    this.deliver(encodeMessages(messages));
  }

  answer(request: Request, ok: Result = {}): void {
    this.say({ re: request.id, ok });
  }

  reject(request: Request, error: Fault): void {
    this.say({ re: request.id, error });
  }

  /** Turns the connection away, as a server does: in words, then by closing. */
  refuse(error: Fault): void {
    this.open();
    this.say({ notice: "refused", error });
    this.drop();
  }

  pong(): void {
    this.deliver(PONG);
  }

  /** What was on its way still comes when the client has closed; what is heard then is up to the client. */
  deliver(data: unknown): void {
    if (this.state !== "gone") this.onmessage?.({ data });
  }

  /** The network or the server ends it, or it never came to be. */
  drop(): void {
    if (this.state === "gone") return;
    if (this.state === "connecting") this.onerror?.(undefined as never);
    this.state = "gone";
    this.onclose?.({ code: 1006, reason: "" });
  }
}
