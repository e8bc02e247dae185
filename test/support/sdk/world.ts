import assert from "node:assert/strict";
import { clientOfAll, type Latchwork } from "../../../sdk/client.ts";
import type { Environment } from "../../../sdk/environment.ts";
import type { Lease } from "../../../sdk/index.ts";
import type { ClientSettings } from "../../../sdk/options.ts";
import { settle, VirtualClock } from "./clock.ts";
import type { FakeSocket } from "./fake_socket.ts";
import { ScriptedServer, unreachable } from "./scripted_server.ts";

export const TTL_MS = 10_000;
/** What a client trusts of a TTL: nine tenths (LE4). */
export const TRUSTED_MS = 9_000;
export const TOKEN = 7_000;
/** How long a closing client waits for the server's word. */
export const CLOSE_PATIENCE_MS = 5_000;

/** A client, its server and its time. */
export class World {
  readonly clock = new VirtualClock();
  readonly server = new ScriptedServer();
  readonly lw: Latchwork;
  token: ClientSettings["token"] = () => undefined;
  /** What the client draws for random. */
  random = 0.5;
  readonly #clients: Latchwork[] = [];
  readonly #unhandled: unknown[] = [];
  readonly #noteUnhandled = (reason: unknown): void => void this.#unhandled.push(reason);
  #idsCount = 0;

  constructor() {
    this.lw = this.client();
    process.on("unhandledRejection", this.#noteUnhandled);
  }

  client({ ttlMs = TTL_MS }: { ttlMs?: number } = {}): Latchwork {
    const client = clientOfAll({
      environment: this.environment,
      base: "wss://locks.example",
      namespace: "tests",
      client: "ann",
      ttlMs,
      token: () => this.token(),
    });
    this.#clients.push(client);
    return client;
  }

  get environment(): Environment {
    return {
      nowMs: () => this.clock.nowMs,
      after: (delayMs, run) => this.clock.after(delayMs, run),
      soon: (run) => queueMicrotask(run),
      random: () => this.random,
      newId: () => `id-number-${String((this.#idsCount += 1)).padStart(8, "0")}`,
      openSocket: (url, protocols) => this.server.openSocket(url, protocols),
    };
  }

  /** The newest socket, when everything under way has come to rest. */
  async socket(): Promise<FakeSocket> {
    await settle();
    return this.server.socket;
  }

  /** A lease as after an ordinary acquire, and the socket that it came over. */
  async hold(token = TOKEN): Promise<{ lease: Lease; socket: FakeSocket }> {
    const acquiring = this.lw.lock("a").acquire();
    const socket = await this.socket();
    this.server.held.push(token);
    socket.answer(socket.asked("acquire"), { token });
    return { lease: await acquiring, socket };
  }

  /**
   * Whatever a test was about: nobody was left with a rejection that nobody handles, nothing was said that breaks
   * the wire's rules, and a client that is closed leaves no timer.
   */
  async end(): Promise<void> {
    this.server.manner = unreachable;
    for (const socket of this.server.sockets) socket.drop();
    const closing = Promise.all(this.#clients.map((client) => client.close()));
    try {
      await this.clock.advance(CLOSE_PATIENCE_MS);
      await closing;
    } finally {
      process.off("unhandledRejection", this.#noteUnhandled);
    }
    assert.deepEqual(this.#unhandled, [], "rejections that nobody handled");
    const complaints = this.server.sockets.flatMap((socket) => socket.complaints);
    assert.deepEqual(complaints, [], "what a server would have refused");
    assert.equal(this.clock.timersCount, 0, "timers that are left");
  }
}
