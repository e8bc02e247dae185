import type { Reply, Request } from "../../../sdk/protocol.ts";
import { hello, type RawClient } from "../../support/raw_client.ts";
import type { NamedObject } from "./named_object.ts";

type Body<Op extends Request["op"]> = Omit<Extract<Request, { op: Op }>, "id" | "op">;

/** A client that does as the SDK does: comes back when its socket is gone, and asks again what was not answered. */
export class Actor {
  readonly #object: NamedObject;
  readonly #owing = new Map<number, Request>();
  #client: RawClient;
  #lastId = 0;

  private constructor(object: NamedObject, client: RawClient) {
    this.#object = object;
    this.#client = client;
  }

  static async enter(object: NamedObject, name: string): Promise<Actor> {
    return new Actor(object, await object.welcomed(hello({ client: name })));
  }

  get client(): RawClient {
    return this.#client;
  }

  /** Asks under the next id, which is returned. */
  post<Op extends Request["op"]>(op: Op, body: Body<Op>): number {
    this.#lastId += 1;
    const request = { id: this.#lastId, op, ...body } as unknown as Request;
    this.#owing.set(request.id, request);
    this.#client.send(request);
    return request.id;
  }

  async reply(id: number): Promise<Reply> {
    const reply = await this.#client.reply(id);
    this.#owing.delete(id);
    return reply;
  }

  async ask<Op extends Request["op"]>(op: Op, body: Body<Op>): Promise<Reply> {
    return this.reply(this.post(op, body));
  }

  /** Its socket was closed by a crash: it comes back, and repeats. */
  async comeBack(): Promise<void> {
    await this.#client.closed;
    this.#client = await this.#object.welcomed(this.#client.again());
    if (this.#owing.size > 0) this.#client.send(...this.#owing.values());
  }

  /** Resolves when all that was asked so far has been heard. */
  async settled(): Promise<void> {
    await this.ask("statistics", {});
  }
}
