import { connect } from "../../sdk/index.ts";
import type { Case, Setting } from "../case.ts";
import { openEcho } from "../echo/client.ts";
import { perSecond } from "../load.ts";
import { openMany } from "../socket.ts";

const NAMES = 64;

/** Many objects at once, each with one client that has one request in flight. A cycle is two messages. */
export async function manyNamesCase({ latchwork, echo, stack }: Setting): Promise<Case> {
  const locks = await openMany(NAMES, (index) => {
    const lock = stack.use(connect(latchwork.url)).lock(`bench/many/${index}`);
    return async () => {
      const lease = await lock.acquire();
      await lease.release();
    };
  });
  const echoes = await openMany(NAMES, (index) =>
    openEcho(echo, { name: `many-${index}`, mode: "write" }, stack),
  );
  return {
    name: "many-names",
    base: perSecond(`${NAMES} echoes, a write a message`, echoes),
    sides: [perSecond(`${NAMES} locks`, locks, 2)],
    questions: [
      {
        name: "many-names",
        title: `Messages to ${NAMES} objects, one client each with one in flight`,
        unit: "messages/s",
        goals: [{ side: `${NAMES} locks`, is: "at least", limit: 0.6, of: "ratio" }],
      },
    ],
  };
}
