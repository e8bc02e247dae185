import type { DeliveredItems } from "../../../sdk/results.ts";
import type {
  HeldCondition,
  Lease,
  LimiterOptions,
  ReceiveStream,
  ReceiveStreamOptions,
  SendStream,
} from "../../../sdk/index.ts";
import type { Request } from "../../../sdk/protocol.ts";
import type { FakeSocket } from "./fake_socket.ts";
import { TOKEN, type World } from "./world.ts";

/** Handles as after an ordinary acquire or open, and the socket that they came over. All are named "a". */

export async function holdCondition(
  world: World,
): Promise<{ held: HeldCondition; socket: FakeSocket }> {
  const acquiring = world.lw.condition("a").acquire();
  const socket = await grant(world, "acquire", TOKEN);
  return { held: await acquiring, socket };
}

export async function borrow(
  world: World,
  { onBehalfOf, ...options }: LimiterOptions & { onBehalfOf?: string } = {},
): Promise<{ lease: Lease; socket: FakeSocket }> {
  const acquiring = world.lw.limiter("a", options).acquire({ onBehalfOf });
  const socket = await grant(world, "acquire", TOKEN);
  return { lease: await acquiring, socket };
}

export async function openSend<Item>(
  world: World,
  token = TOKEN,
): Promise<{ send: SendStream<Item>; socket: FakeSocket }> {
  const opening = world.lw.stream<Item>("a").openSend();
  const socket = await grant(world, "open", token);
  return { send: await opening, socket };
}

export async function openReceive<Item>(
  world: World,
  { token = TOKEN, ...options }: ReceiveStreamOptions & { token?: number } = {},
): Promise<{ receive: ReceiveStream<Item>; socket: FakeSocket }> {
  const opening = world.lw.stream<Item>("a").openReceive(options);
  const socket = await grant(world, "open", token);
  return { receive: await opening, socket };
}

async function grant(world: World, op: "acquire" | "open", token: number): Promise<FakeSocket> {
  const socket = await world.socket();
  world.server.held.push(token);
  socket.answer(socket.asked(op), { token });
  return socket;
}

/** Items, the first with the place `seq`, the others right behind it. */
export function delivery(seq: number, ...values: readonly unknown[]): DeliveredItems {
  return {
    items: values.map((value, index) => ({ seq: seq + index, item: JSON.stringify(value) })),
  };
}

/** What was asked after the first `count` requests. */
export function since(socket: FakeSocket, count: number): Request[] {
  return socket.requests.slice(count);
}
