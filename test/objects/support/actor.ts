import type { Reply, Request } from "../../../sdk/protocol.ts";
import { hello, type RawClient } from "../../support/raw_client.ts";
import type { NamedObject } from "./named_object.ts";

export type Body<Op extends Request["op"]> = Omit<Extract<Request, { op: Op }>, "id" | "op">;

/** A client that does as the SDK does: comes back when its socket is gone, and asks again what was not answered. */
export class Actor {
  readonly #object: NamedObject;
  readonly #owing = new Map<number, Request>();
  #client: RawClient;
  #lastId = 0;
  #isAway = false;

  private constructor(object: NamedObject, client: RawClient) {
    this.#object = object;
    this.#client = client;
  }

  static async enter(object: NamedObject, name: string, ttlMs?: number): Promise<Actor> {
    const said = hello(ttlMs === undefined ? { client: name } : { client: name, ttlMs });
    return new Actor(object, await object.welcomed(said));
  }

  /** True if it has hung up, and not come back yet. */
  get isAway(): boolean {
    return this.#isAway;
  }

  get client(): RawClient {
    return this.#client;
  }

  /** Asks under the next id, which is returned. */
  post<Op extends Request["op"]>(op: Op, body: Body<Op>): number {
    this.postAll(op, [body]);
    return this.#lastId;
  }

  /** Asks all of it in one frame, under the next ids, which are returned. */
  postAll<Op extends Request["op"]>(op: Op, bodies: readonly Body<Op>[]): number[] {
    const requests = bodies.map((body) => {
      this.#lastId += 1;
      return { id: this.#lastId, op, ...body } as unknown as Request;
    });
    for (const request of requests) this.#owing.set(request.id, request);
    this.#client.send(...requests);
    return requests.map(({ id }) => id);
  }

  async reply(id: number): Promise<Reply> {
    const reply = await this.#client.reply(id);
    this.#owing.delete(id);
    return reply;
  }

  /** Withdraws a request, which is then not repeated; its cancel is. */
  async withdraw(target: number): Promise<Reply> {
    this.#owing.delete(target);
    return this.ask("cancel", { target });
  }

  async ask<Op extends Request["op"]>(op: Op, body: Body<Op>): Promise<Reply> {
    return this.reply(this.post(op, body));
  }

  /** Hangs up; whatever it has not read by now is lost. Resolves when the object has seen it. */
  async hangUp(): Promise<void> {
    this.#isAway = true;
    await this.#object.drop(this.#client);
  }

  /** Its socket was closed, by a crash or by itself: it comes back, and repeats. */
  async comeBack(): Promise<void> {
    this.#isAway = false;
    await this.#client.closed;
    this.#client = await this.#object.welcomed(this.#client.again());
    if (this.#owing.size > 0) this.#client.send(...this.#owing.values());
  }

  /** Resolves when all that was asked so far has been heard. */
  async settled(): Promise<void> {
    await this.ask("statistics", {});
  }
}
