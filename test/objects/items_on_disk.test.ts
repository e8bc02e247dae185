import { beforeEach, describe, expect, test } from "vitest";
import { LIMITS } from "../../sdk/protocol.ts";
import { stopClock } from "./support/clock.ts";
import { stream } from "./support/named_object.ts";
import { Scene } from "./support/scene.ts";

beforeEach(stopClock);

const CONFIG = { maxBufferSize: 1 };

describe("[ST11] an item is the same after an eviction, in the buffer and blocked:", () => {
  test.each([
    ["null", "null"],
    ["white space and order", '{ "b" : 1.0, "a":[ ]}'],
    ["a number beyond precision", "12345678901234567890.10"],
    ["an escaped lone surrogate", '"\\ud800"'],
    ["an escaped NUL", '"\\u0000"'],
    ["emoji and separators", '"🔒\u2028\u00a0"'],
    ["quotes, and what SQL might read", `"'; DROP TABLE items; -- \\" ? :x"`],
    ["the longest there is", `"${"x".repeat(LIMITS.itemCharactersMax - 2)}"`],
    ["the longest in bytes", `"${"€".repeat(LIMITS.itemCharactersMax - 2)}"`],
  ])("%s", async (what, item) => {
    const object = stream(what);
    const scene = await Scene.open(object, ["a", "b"]);
    await scene.takes("a opens", "open", { side: "send", config: CONFIG });
    const sent = { end: scene.token("a opens"), item };
    await scene.asks("a sends", "send", sent);
    await scene.posts("a sends again", "send", sent);
    await scene.evict("close");
    await scene.takes("b opens", "open", { side: "receive" });
    for (const call of ["b receives", "b receives again"]) {
      await scene.posts(call, "receive", { end: scene.token("b opens") });
      await scene.isGiven(call, [item]);
    }
    await scene.hears("a sends again", {});
    expect(scene.unread).toEqual([]);
  });
});
