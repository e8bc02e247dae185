import type { SocketLike } from "../../../sdk/environment.ts";
import { FakeSocket } from "./fake_socket.ts";

/** How a server meets whoever dials. */
export type Manner = (socket: FakeSocket) => void;

/** Packets vanish, or the test plays the server by hand. */
export const silent: Manner = () => {};
export const unreachable: Manner = (socket) => socket.drop();

/** The ways not to reach a server. */
export const UNREACHED = [
  { way: "cannot be dialled", manner: unreachable },
  { way: "does not answer the upgrade", manner: silent },
] as const;

/** A server that does what the test says. Left alone it welcomes everybody, answers pings, and grants nothing. */
export class ScriptedServer {
  readonly sockets: FakeSocket[] = [];
  /** The tokens that a welcome states. */
  held: number[] = [];
  readonly welcoming: Manner = (socket) => socket.welcome(this.held);
  manner: Manner = this.welcoming;

  openSocket(url: string, protocols: readonly string[]): SocketLike {
    const socket = new FakeSocket(url, protocols);
    this.sockets.push(socket);
    queueMicrotask(() => this.manner(socket));
    return socket;
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("Nobody has dialled.");
    return socket;
  }
}
