import { RpcTarget } from "cloudflare:workers";
import { CLOSE, encodeMessages, isKind, type SocketLike } from "../../sdk/protocol.ts";
import type { Address } from "../address.ts";
import type { ObjectStub, SocketStub } from "../env.ts";
import { Refusal } from "../refusal.ts";

type SocketClass = new (url: string, protocols: string[]) => SocketLike;

/** What a socket of an address dials. */
type Dial = (address: Address) => ObjectStub;

/**
 * A WebSocket constructor for the SDK, whose sockets are none: what is sent on them are calls from this Worker to
 * its objects. They live no longer than the invocation that opened them, and with them ends all that is held.
 */
export function objectSockets(dial: Dial): SocketClass {
  return class ObjectSocket implements SocketLike {
    onopen: SocketLike["onopen"] = null;
    onmessage: SocketLike["onmessage"] = null;
    onclose: SocketLike["onclose"] = null;
    onerror: SocketLike["onerror"] = null;
    #server: SocketStub | null = null;
    #isClosed = false;
    /** What was said before this end knew that it is open. */
    readonly #early: string[] = [];

    constructor(url: string, protocols: string[]) {
      void this.#open(addressOf(url), protocols.join(", "));
    }

    send(text: string): void {
      this.#server?.send(text).catch(() => this.#over(1006, ""));
    }

    close(): void {
      const server = this.#server;
      this.#over(1000, "");
      // Said before it is disposed of: a client that closes may come back.
      void server?.close().catch(() => {});
      server?.[Symbol.dispose]();
    }

    async #open(address: Address, protocols: string): Promise<void> {
      // Whoever makes a socket says afterwards what it is to do.
      await Promise.resolve();
      try {
        const client = new Client({
          message: (text) => this.#hear(text),
          closed: (code, reason) => this.#over(code, reason),
        });
        const server = await dial(address).join(protocols, client);
        if (this.#isClosed) return server[Symbol.dispose]();
        this.#server = server;
        this.onopen?.({} as never);
        for (const text of this.#early.splice(0)) this.onmessage?.({ data: text });
      } catch (error) {
        if (error instanceof Refusal) this.#refused(error);
        else this.#over(1006, "");
      }
    }

    /** As the router tells a socket that it turns away: to try again would not help. */
    #refused({ fault }: Refusal): void {
      this.onopen?.({} as never);
      this.onmessage?.({ data: encodeMessages([{ notice: "refused", error: fault }]) });
      this.#over(CLOSE.refused, "");
    }

    #hear(text: string): void {
      if (this.#server === null) this.#early.push(text);
      else this.onmessage?.({ data: text });
    }

    #over(code: number, reason: string): void {
      if (this.#isClosed) return;
      // What was said before it closed is heard first.
      for (const text of this.#early.splice(0)) this.onmessage?.({ data: text });
      this.#isClosed = true;
      this.#server = null;
      this.onclose?.({ code, reason });
    }
  };
}

/** The end that the object calls. */
class Client extends RpcTarget {
  readonly #events: { message(text: string): void; closed(code: number, reason: string): void };

  constructor(events: { message(text: string): void; closed(code: number, reason: string): void }) {
    super();
    this.#events = events;
  }

  message(text: string): void {
    this.#events.message(text);
  }

  closed(code: number, reason: string): void {
    this.#events.closed(code, reason);
  }
}

/** The address that the SDK made of its parts. */
function addressOf(url: string): Address {
  const { pathname, searchParams } = new URL(url);
  const [, , namespace = "", kind = "", inPath] = pathname.split("/");
  const name = inPath === undefined ? searchParams.get("name") : decodeURIComponent(inPath);
  if (!isKind(kind) || name === null) throw new Error(`No object is at ${url}.`);
  return { namespace, kind, name };
}
