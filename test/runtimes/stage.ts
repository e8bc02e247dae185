import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Proxy } from "../faults/world/proxy.ts";
import { Random } from "../simulation/world/random.ts";
import { TREATMENTS, type Treatment } from "./inside/setup.ts";

/** Longer than any run. */
const FOR_GOOD_MS = 3_600_000;

/** What a stage answers besides: a page's files, and its reports. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/** Where one runtime plays: a road to the server, and an HTTP server that a suite can ask to cut it. */
export class Stage implements AsyncDisposable {
  readonly #road: Proxy;
  readonly #server: Server;
  /** Of the last upgrade that was tried here. */
  #header = "";

  private constructor(road: Proxy, answer: Answer) {
    this.#road = road;
    this.#server = createServer((request, response) => {
      void this.#answer(request, response, answer);
    });
    this.#server.on("upgrade", (request, socket) => {
      this.#header = String(request.headers["x-probe"]);
      socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    });
  }

  /** @param port that of the server at the road's end. */
  static async open(port: number, answer: Answer = () => Promise.resolve(false)): Promise<Stage> {
    const stage = new Stage(await Proxy.open(() => port, new Random(1)), answer);
    stage.#server.listen(0, "127.0.0.1");
    await once(stage.#server, "listening");
    return stage;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get roadUrl(): string {
    return this.#road.url;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await this.#road[Symbol.asyncDispose]();
  }

  async #answer(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
    const treatment = /^\/road\/(\w+)$/.exec(request.url ?? "")?.[1];
    const known = TREATMENTS.find((each) => each === treatment);
    if (known !== undefined) {
      this.#treat(known);
      response.end();
    } else if (request.url === "/headers") {
      response.end(this.#header);
    } else if (!(await answer(request, response))) {
      response.writeHead(404).end();
    }
  }

  #treat(treatment: Treatment): void {
    switch (treatment) {
      case "cut":
        this.#road.cut({ all: true, unreachableMs: 0 });
        return;
      case "close":
        this.#road.cut({ all: true, unreachableMs: FOR_GOOD_MS });
        return;
      case "silence":
        return this.#road.hold(["to-server", "to-client"]);
      case "open":
        return this.#road.heal();
    }
  }
}

/** A request's body as JSON. */
export async function bodyOf(request: IncomingMessage): Promise<unknown> {
  return JSON.parse(await text(request));
}
