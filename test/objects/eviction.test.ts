import { beforeEach, describe, expect, test } from "vitest";
import { stopClock } from "./support/clock.ts";
import { EvictionStory, TIMEOUT_MS, type Kind } from "./support/eviction_story.ts";
import { lock, semaphore } from "./support/named_object.ts";

beforeEach(stopClock);

const STEPS: readonly ((story: EvictionStory) => Promise<void>)[] = [
  (story) => story.takes(0),
  (story) => story.joins(1),
  (story) => story.joins(2, { timeoutMs: TIMEOUT_MS }),
  (story) => story.joins(3),
  (story) => story.joins(0),
  (story) => story.handsOver(0, 1),
  (story) => story.timesOut(2),
  (story) => story.handsOver(1, 3),
  (story) => story.handsOver(3, 0),
  (story) => story.gives(0),
  (story) => story.takes(2),
];

const KINDS: readonly Kind[] = [
  { kind: "lock", open: lock, body: { permits: 1 } },
  { kind: "semaphore", open: semaphore, body: { permits: 2, config: { permits: 2 } } },
];

const CASES = KINDS.flatMap((kind) =>
  (["hibernate", "close"] as const).flatMap((webSockets) =>
    STEPS.map((_step, cut) => ({ ...kind, webSockets, cut })),
  ),
);

describe("[W1, W4, LE1, LE2, LE5] an eviction changes nothing of a story:", () => {
  test.each(CASES)("$kind, sockets $webSockets, before step $cut", async (variant) => {
    const { kind, cut, webSockets } = variant;
    const story = await EvictionStory.begin(variant, `${kind}-${webSockets}-${cut}`);
    for (const [index, step] of STEPS.entries()) {
      if (index === cut) await story.evict(webSockets);
      await step(story);
    }
    for (const actor of story.actors) expect(actor.client.unread).toEqual([]);
    const { claims } = await story.object.disk();
    expect(claims).toMatchObject([{ state: "held", token: story.tokens.at(-1) }]);
  });
});
