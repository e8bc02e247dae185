/** The real Worker, with a meter on what Cloudflare bills. Nothing of it is changed but that it is counted. */
import { PrimitiveObject } from "../../objects/host/durable_object.ts";
import worker from "../../worker/index.ts";
import type { Env } from "../../worker/env.ts";

export * from "../../objects/index.ts";

const calls = { messages: 0, alarmsRun: 0, alarmsSet: 0, framesSent: 0, commits: 0 };
const cursors: { readonly rowsWritten: number; readonly rowsRead: number }[] = [];
let isWatched = false;

const noted = PrimitiveObject.prototype;
watch(noted, "webSocketMessage", () => (calls.messages += 1));
watch(noted, "alarm", () => (calls.alarmsRun += 1));
watch(WebSocket.prototype, "send", () => (calls.framesSent += 1));
watch(noted, "fetch", (_response, object) => {
  watchStorage((object as PrimitiveObject)["ctx"].storage);
});

/** All objects are of one isolate, and share what their storages inherit. */
function watchStorage(storage: DurableObjectStorage): void {
  if (isWatched) return;
  isWatched = true;
  watch(inheritedBy(storage), "setAlarm", () => (calls.alarmsSet += 1));
  watch(inheritedBy(storage), "transactionSync", () => (calls.commits += 1));
  watch(inheritedBy(storage.sql), "exec", (cursor) => {
    cursors.push(cursor as SqlStorageCursor<never>);
  });
}

function inheritedBy(object: object): object {
  return Object.getPrototypeOf(object) as object;
}

/** `note` is called after each call of the method, with what that returned. */
function watch(
  target: object,
  method: string,
  note: (returned: unknown, self: unknown) => void,
): void {
  const original = Reflect.get(target, method) as (...given: unknown[]) => unknown;
  Reflect.set(target, method, function (this: unknown, ...given: unknown[]) {
    const returned = original.apply(this, given);
    note(returned, this);
    return returned;
  });
}

/** All that was counted since the server started. */
function metered(): object {
  const rowsWritten = cursors.reduce((sum, cursor) => sum + cursor.rowsWritten, 0);
  const rowsRead = cursors.reduce((sum, cursor) => sum + cursor.rowsRead, 0);
  return { ...calls, rowsWritten, rowsRead };
}

export default {
  fetch(request: Request, env: Env): Response | Promise<Response> {
    return new URL(request.url).pathname === "/metered"
      ? Response.json(metered())
      : worker.fetch(request, env);
  },
};
