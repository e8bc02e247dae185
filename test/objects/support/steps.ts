import type { Step } from "./scene.ts";

/** Steps that many scenes have. Each makes a call that is named after who makes it and what it does. */

export function enters(who: string): Step {
  return (s) => s.takes(`${who} enters`, "acquire", { permits: 1 });
}

/** Gives up what the call was granted. */
export function leaves(who: string, call = `${who} enters`): Step {
  return (s) => s.asks(`${who} leaves`, "release", { token: s.token(call) });
}

export function opens(who: string, side: "send" | "receive", maxBufferSize: number): Step {
  return (s) => s.takes(`${who} opens`, "open", { side, config: { maxBufferSize } });
}

/** Sends, and leaves the answer for later. */
export function sends(who: string, item: string, limits: { timeoutMs?: number } = {}): Step {
  return (s) => {
    const sent = { end: s.token(`${who} opens`), item, ...limits };
    return s.posts(`${who} sends ${item}`, "send", sent);
  };
}

export function hasSent(who: string, item: string): Step {
  return async (s) => {
    await sends(who, item)(s);
    await s.hears(`${who} sends ${item}`, {});
  };
}

/** Receives up to `max` items, and leaves the answer for later. */
export function receives(who: string, max: number, call = `${who} receives`): Step {
  return (s) => s.posts(call, "receive", { end: s.token(`${who} opens`), max });
}

export function confirms(who: string, call = `${who} receives`): Step {
  return (s) => s.asks(`${who} confirms`, "confirm", { items: s.seqs(call) });
}
