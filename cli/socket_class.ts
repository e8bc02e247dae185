import { WebSocket } from "ws";
import type { SocketConstructor } from "../sdk/index.ts";

/** The runtime's own, or, for Node before 22, which has none, a package's. */
export function socketClass(): SocketConstructor {
  return (globalThis as { WebSocket?: SocketConstructor }).WebSocket ?? WebSocket;
}
