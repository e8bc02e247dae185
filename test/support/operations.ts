import type { Operation, Request } from "../../sdk/protocol.ts";

/** An example of each operation: the compiler asks for one of every new one, and with it come the tests of all of them. */
export const EXAMPLES: { readonly [Op in Operation]: Extract<Request, { op: Op }> } = {
  acquire: { id: 7, op: "acquire", permits: 1 },
  release: { id: 7, op: "release", token: 5 },
  cancel: { id: 7, op: "cancel", target: 3 },
  statistics: { id: 7, op: "statistics" },
  end: { id: 7, op: "end" },
  deposit: { id: 7, op: "deposit", permits: 1 },
  set: { id: 7, op: "set" },
  clear: { id: 7, op: "clear" },
  wait: { id: 7, op: "wait" },
  notify: { id: 7, op: "notify", token: 5 },
  return: { id: 7, op: "return", borrower: "ann" },
  "set-total": { id: 7, op: "set-total", totalTokens: 2 },
  open: { id: 7, op: "open", side: "send" },
  send: { id: 7, op: "send", item: "1" },
  receive: { id: 7, op: "receive" },
  confirm: { id: 7, op: "confirm" },
  reset: { id: 7, op: "reset" },
};

export const OPERATIONS = Object.keys(EXAMPLES) as Operation[];
