import { clientOf, type LatchworkWith, type PrimitiveClasses } from "./client_of.ts";
import type { Kind } from "./names.ts";
import { readOptions, type ConnectOptions } from "./options.ts";

/**
 * A client as `connect` makes it, of the primitives that you name: where a program's size matters, a bundler leaves
 * out the others.
 *
 *     const lw = connectWith("http://127.0.0.1:8787", { lock: Lock });
 *     await using lease = await lw.lock("invoices/42").acquire();
 *
 * @param kinds the classes of what you use, each under the name of its method: `{ lock: Lock, event: Event }`.
 * @throws as `connect`.
 */
export function connectWith<Classes extends Partial<PrimitiveClasses>>(
  url: string | URL,
  kinds: Classes,
  options: ConnectOptions = {},
): LatchworkWith<keyof Classes & Kind> {
  return clientOf(readOptions(url, options), kinds);
}
