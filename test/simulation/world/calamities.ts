import { offeredProtocols } from "../../../sdk/protocol.ts";
import type { Calamity } from "./faults.ts";
import type { Connection } from "./network.ts";
import type { Random } from "./random.ts";
import type { SimClient } from "./sim_client.ts";
import type { SimObject } from "./sim_object.ts";
import { TTL_MS_MIN } from "./times.ts";
import type { World } from "./world.ts";

/** A twin's sockets are heard for so long after it was replaced: less than what a client holds back of its TTL. */
const TWIN_MS_MAX = TTL_MS_MIN * 0.04;

/** Shorter than what the end of a run waits for what was under way. */
const STALL_MS_MAX = 20_000;

/** What was held up still arrives, for so long. */
const LAST_WORDS_MS = 20;

/** Brings it about, and says where; `null` where there was nobody to suffer it. */
export type Bring = (world: World, random: Random) => string | null;

export const BRING: Readonly<Record<Calamity, Bring>> = {
  cut: (world, random) => onConnection(world, random, (connection) => connection.cut()),
  "half-open": (world, random) => onConnection(world, random, (connection) => connection.silence()),
  stall: (world, random) =>
    onConnection(world, random, (connection) =>
      connection.stall(Math.min(random.delayMs(2_000), STALL_MS_MAX)),
    ),

  storm(world) {
    const open = world.openConnections();
    for (const connection of open) connection.cut();
    return open.length === 0 ? null : `${open.length} connections`;
  },

  outage: (world, random) =>
    onClient(world, random, (client) => {
      const { nowMs } = world.timeline;
      client.cutOffUntilMs = nowMs + random.next() * 2 * client.ttlMs;
      for (const connection of connectionsOf(world, client)) {
        // The last that it hears is old already.
        const lateMs = random.next() * 0.23 * client.ttlMs;
        connection.stall(lateMs, ["down"]);
        world.timeline.after(lateMs + LAST_WORDS_MS, () => connection.vanish());
      }
    }),

  "last gasp": (world, random) =>
    onClient(world, random, (client) => {
      client.isGasping = true;
      for (const connection of connectionsOf(world, client)) connection.cut();
    }),

  "lost call"(world, random) {
    const calls = world.openCalls();
    if (calls.length === 0) return null;
    const call = random.pick(calls);
    call.cut();
    return call.name;
  },

  deploy(world) {
    for (const object of world.objects.values()) object.crash();
    return "every object";
  },

  hibernation(world, random) {
    const object = random.pick([...world.objects.values()]);
    return object.hibernate() ? object.name : null;
  },

  twin(world, random) {
    const object = random.pick([...world.objects.values()]);
    if (!object.replace(random.next() * TWIN_MS_MAX)) return null;
    // Something happens at once, and so to the other instance.
    const token = heldToken(object, random);
    if (token === null) object.inspect();
    else object.revoke(token);
    return object.name;
  },

  pause: (world, random) =>
    onClient(world, random, (client) => client.pause(random.next() * 2 * client.ttlMs)),

  "client crash"(world, random) {
    const running = world.clients.filter(({ state }) => state === "running");
    // The first is needed to the end.
    if (running.length < 3) return null;
    const client = random.pick(running.slice(1));
    client.die();
    return client.name;
  },

  leave: (world, random) => onClient(world, random, (client) => client.leave()),

  "clock back"(world, random) {
    const backMs = random.next() * (random.chance(0.3) ? 20_000 : 2_000);
    world.setClockBack(backMs);
    return `${backMs.toFixed(0)} ms`;
  },

  revoke(world, random) {
    const object = random.pick([...world.objects.values()]);
    const token = heldToken(object, random);
    if (token === null) return null;
    object.revoke(token);
    return `${object.name}, token ${token}`;
  },

  inspect(world, random) {
    const object = random.pick([...world.objects.values()]);
    object.inspect();
    return object.name;
  },

  impostor: (world, random) =>
    onConnection(world, random, ({ url, greeting }) => {
      if ("fault" in greeting) return;
      const { hello } = greeting;
      // Of a session that has ended meanwhile it must not make a new one.
      const guess = {
        ...hello,
        secret: "x".repeat(22),
        attempt: hello.attempt + 1,
        resume: true,
      };
      world.intrude(url, offeredProtocols(guess));
    }),

  thief: (world, random) =>
    onConnection(world, random, ({ url }) => {
      const object = world.objectAt(url);
      const token = heldToken(object, random) ?? 1;
      const items = [...object.disk.items.values()].flatMap(({ seq, delivery }) =>
        delivery === null ? [] : [seq],
      );
      const hello = {
        session: `thief${random.int(1, 1e9)}`.padEnd(22, "x"),
        secret: "x".repeat(22),
        client: "thief",
        ttlMs: TTL_MS_MIN,
        attempt: 1,
        resume: false,
      };
      const frame = [
        { id: 1, op: "release", token },
        { id: 2, op: "notify", token, count: 1 },
        { id: 3, op: "wait", token },
        { id: 4, op: "confirm", items },
        { id: 5, op: "end" },
      ];
      world.rob(url, offeredProtocols(hello), JSON.stringify(frame));
    }),
};

/** Of what a thief asks, so much must be refused. */
export const ROBBERIES = 2;

function heldToken({ disk: { claims } }: SimObject, random: Random): number | null {
  const held = [...claims.values()].flatMap((claim) =>
    claim.state === "held" ? [claim.token] : [],
  );
  return held.length === 0 ? null : random.pick(held);
}

function connectionsOf(world: World, { name }: SimClient): Connection[] {
  return world.openConnections().filter((connection) => connection.name.startsWith(`${name} #`));
}

function onConnection(
  world: World,
  random: Random,
  suffer: (connection: Connection) => void,
): string | null {
  const open = world.openConnections();
  if (open.length === 0) return null;
  const connection = random.pick(open);
  suffer(connection);
  return connection.name;
}

function onClient(
  world: World,
  random: Random,
  suffer: (client: SimClient) => void,
): string | null {
  const running = world.clients.filter(({ state }) => state === "running");
  if (running.length === 0) return null;
  const client = random.pick(running);
  suffer(client);
  return client.name;
}
