/** A payment provider delivers each event again and again, to three instances of a shop; one of them dies over a delivery. */
import { randomUUID } from "node:crypto";
import { fenced, FENCES, StaleTokenError } from "../fencing/fence.ts";
import type { Actor } from "../theatre/actor.ts";
import { openDatabase, rows } from "../theatre/database.ts";
import type { Finding } from "../theatre/finding.ts";
import { play } from "../theatre/play.ts";
import type { InstanceSaid } from "./instance.ts";
import { RESPONSES } from "./table_store.ts";

interface Answer {
  readonly status: number;
  readonly isRepeat: boolean;
  readonly body: string;
}

await play("A webhook that is delivered again and again, to three instances", async (stage) => {
  const { folder } = stage;
  const database = openDatabase(folder);
  for (const table of [FENCES, RESPONSES, "CREATE TABLE shipments (order_id, by_instance)"])
    database.exec(table);
  const shipments = (): string[] =>
    rows<{ order_id: string }>(database, "SELECT order_id FROM shipments").map(
      ({ order_id }) => order_id,
    );
  const instance = (name: string, haltsOver?: string): Actor<InstanceSaid> =>
    stage.cast(name, new URL("instance.ts", import.meta.url), { folder, haltsOver });
  const [one, two] = [instance("shop-1"), instance("shop-2")];

  stage.narrate("event A is delivered three times at once, and once more");
  const eventA = randomUUID();
  const atOnce = await Promise.all([one, two, one].map((shop) => deliver(shop, eventA, "order-7")));
  const late = await deliver(two, eventA, "order-7");
  const forged = await deliver(one, eventA, "order-0");
  database.exec("DELETE FROM responses");
  const forgotten = await deliver(two, eventA, "order-7");
  const afterA = shipments();

  stage.narrate("event B is delivered to an instance that dies over it, and again");
  const eventB = randomUUID();
  const doomed = instance("shop-3", "order-8");
  const lost = deliver(doomed, eventB, "order-8").catch(() => null);
  const { token } = await doomed.says("is about to ship");
  const next = deliver(one, eventB, "order-8");
  await doomed.kill();
  const wasAnswered = (await lost) !== null;
  const again = await next;
  const heir = one.heard("is about to ship").find(({ order }) => order === "order-8");
  const findings = [
    ...judgeRepeats({ atOnce, late, forged, forgotten, shipped: afterA }),
    {
      text: `${doomed.name} died over order-8${wasAnswered ? "" : " and answered nothing"}; the next delivery was carried out: ${again.status}`,
      good: !wasAnswered && again.status === 201 && !again.isRepeat,
    },
    {
      text: `with a greater token, so what ${doomed.name} might still write is refused`,
      good: heir !== undefined && heir.token > token && isRefused(token),
    },
    {
      text: `shipped altogether: ${shipments().join(", ")}`,
      good: shipments().join() === "order-7,order-8",
    },
  ];
  await Promise.all([one, two].map((shop) => shop.terminate()));
  return findings;

  function isRefused(lateToken: number): boolean {
    try {
      fenced(database, { resource: "order-8", token: lateToken }, () => {});
      return false;
    } catch (error) {
      return error instanceof StaleTokenError;
    }
  }
});

async function deliver(shop: Actor<InstanceSaid>, event: string, order: string): Promise<Answer> {
  const { port } = await shop.says("listens");
  const response = await fetch(`http://127.0.0.1:${port}/webhooks/paid`, {
    method: "POST",
    headers: { "webhook-id": event },
    body: JSON.stringify({ order }),
  });
  return {
    status: response.status,
    isRepeat: response.headers.get("Idempotency-Replayed") === "true",
    body: await response.text(),
  };
}

interface Deliveries {
  readonly atOnce: readonly Answer[];
  readonly late: Answer;
  readonly forged: Answer;
  readonly forgotten: Answer;
  readonly shipped: readonly string[];
}

function judgeRepeats({ atOnce, late, forged, forgotten, shipped }: Deliveries): Finding[] {
  const repeats = atOnce.filter(({ isRepeat }) => isRepeat).length;
  const first = atOnce[0]?.body;
  return [
    {
      text: `${atOnce.length} deliveries at once, and 3 later ones: ${shipped.length} shipment`,
      good: shipped.join() === "order-7",
    },
    {
      text: `all had the same answer, and ${repeats} were told that it is a repeat; so was a later one`,
      good:
        repeats === atOnce.length - 1 &&
        atOnce.every(({ status, body }) => status === 201 && body === first) &&
        late.isRepeat &&
        late.body === first,
    },
    {
      text: `the same event with another order: ${forged.status}`,
      good: forged.status === 422,
    },
    {
      text: `when the store had lost the answer: ${forgotten.status}, and nothing was shipped again`,
      good: forgotten.status === 409,
    },
  ];
}
