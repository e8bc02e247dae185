import type { Session } from "../../../objects/core/claim.ts";
import type { ClientRequest, Command } from "../../../objects/core/machine.ts";
import type { Config, Result, Side } from "../../../sdk/protocol.ts";
import type { Call } from "./call.ts";

/** What a client speaks to. */
export interface Server {
  ask(session: Session, request: ClientRequest): Call;
  apply(command: Command): unknown;
}

interface Wait {
  readonly timeoutMs?: number;
}

/** A request without its id, which the client gives it. */
type Body = ClientRequest extends infer Each
  ? Each extends ClientRequest
    ? Omit<Each, "id" | "config">
    : never
  : never;

/** One session's side of the rig. */
export class Client {
  readonly #server: Server;
  readonly #config: Config | undefined;
  session: Session;
  #lastId = 0;

  /** `config` is what it states with every request that may state one. */
  constructor(server: Server, session: Session, config: Config | undefined) {
    this.#server = server;
    this.session = session;
    this.#config = config;
  }

  /** Of a limiter every acquire borrows for somebody else, unless it says for whom. */
  acquire({ permits = 1, borrower, ...wait }: Wait & Asking = {}): Call {
    const isLimiter = this.#config !== undefined && "totalTokens" in this.#config;
    const anyone = isLimiter ? `${this.session.id}/${this.#lastId + 1}` : undefined;
    const who = borrower ?? anyone;
    return this.#say({
      op: "acquire",
      permits,
      ...(who === undefined ? {} : { borrower: who }),
      ...wait,
    });
  }

  tryAcquire(permits = 1): Call {
    return this.acquire({ permits, timeoutMs: 0 });
  }

  release({ token }: { token: number }): Call {
    return this.#sayPlainly({ op: "release", token });
  }

  cancel({ request }: { request: Pick<ClientRequest, "id"> }): Call {
    return this.#sayPlainly({ op: "cancel", target: request.id });
  }

  deposit(permits: number): Call {
    return this.#say({ op: "deposit", permits });
  }

  set(): Call {
    return this.#say({ op: "set" });
  }

  clear(): Call {
    return this.#say({ op: "clear" });
  }

  wait(wait: Wait = {}): Call {
    return this.#say({ op: "wait", ...wait });
  }

  /** Gives up a condition's lock, and waits to be notified. */
  park({ token }: { token: number }, wait: Wait = {}): Call {
    return this.#say({ op: "wait", token, ...wait });
  }

  notify({ token }: { token: number }, count = 1): Call {
    return this.#say({ op: "notify", token, count });
  }

  notifyAll({ token }: { token: number }): Call {
    return this.#say({ op: "notify", token });
  }

  borrow(borrower: string, wait: Wait = {}): Call {
    return this.acquire({ borrower, ...wait });
  }

  giveBack(borrower: string): Call {
    return this.#say({ op: "return", borrower });
  }

  setTotal(totalTokens: number | null): Call {
    return this.#say({ op: "set-total", totalTokens });
  }

  open(side: Side): Call {
    return this.#say({ op: "open", side });
  }

  clone(side: Side, { token }: { token: number }): Call {
    return this.#say({ op: "open", side, from: token });
  }

  send({ token }: { token: number }, item: unknown, wait: Wait = {}): Call {
    return this.sendText({ token }, JSON.stringify(item), wait);
  }

  sendText({ token }: { token: number }, item: string, wait: Wait = {}): Call {
    return this.#sayPlainly({ op: "send", end: token, item, ...wait });
  }

  receive({ token }: { token: number }, options: Wait & { max?: number } = {}): Call {
    return this.#sayPlainly({ op: "receive", end: token, ...options });
  }

  /** Has what the receive was given, for good. */
  confirm({ delivered }: Pick<Call, "delivered">): Call {
    return this.#sayPlainly({ op: "confirm", items: delivered.map(({ seq }) => seq) });
  }

  reset(): Call {
    return this.#say({ op: "reset" });
  }

  statistics(): Result | undefined {
    return this.#say({ op: "statistics" }).result;
  }

  /** A request that the network loses: only its number is used up. */
  lose(): { request: Pick<ClientRequest, "id"> } {
    this.#lastId += 1;
    return { request: { id: this.#lastId } };
  }

  /** Asks again with the same request id, as after a disconnection. */
  repeat({ request }: Call): Call {
    return this.#server.ask(this.session, request);
  }

  /** The session ends cleanly. */
  end(): void {
    this.#server.apply({ type: "end-session", session: this.session });
  }

  #say(body: Body): Call {
    const config = this.#config === undefined ? {} : { config: this.#config };
    return this.#ask({ ...body, ...config });
  }

  #sayPlainly(body: Body): Call {
    return this.#ask(body);
  }

  #ask(body: Body & { config?: Config }): Call {
    this.#lastId += 1;
    return this.#server.ask(this.session, { id: this.#lastId, ...body });
  }
}

interface Asking {
  readonly permits?: number;
  readonly borrower?: string;
}
