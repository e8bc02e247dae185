import { describe, expect, it } from "vitest";
import { outlivesSession, remediesFor, UNATTENDED, type Call } from "../../sdk/calls.ts";
import { decodeRequests, encodeRequests, type Operation } from "../../sdk/protocol.ts";
import { EXAMPLES, OPERATIONS } from "../support/operations.ts";

/** What is asked of the server when the call has failed here and may have been seen: to take it back, the same again, nothing. */
type Remedy = "cancel" | "repeat" | "none";

const FATES: Readonly<Record<Operation, readonly [Remedy, session: "this session" | "any"]>> = {
  acquire: ["cancel", "any"],
  release: ["repeat", "this session"],
  cancel: ["repeat", "this session"],
  statistics: ["none", "any"],
  end: ["none", "this session"],
  deposit: ["none", "any"],
  set: ["none", "any"],
  clear: ["none", "any"],
  wait: ["cancel", "any"],
  notify: ["none", "this session"],
  return: ["none", "any"],
  "set-total": ["none", "any"],
  open: ["cancel", "any"],
  send: ["cancel", "any"],
  receive: ["cancel", "any"],
  confirm: ["repeat", "this session"],
  reset: ["none", "any"],
};

function call(op: Operation, firstSentOn: object | null): Call {
  const { id, ...body } = EXAMPLES[op];
  return { ...UNATTENDED, id, body, createdAtMs: 0, firstSentOn };
}

describe.each(OPERATIONS)("%s", (op) => {
  const [remedy, session] = FATES[op];
  const { id, ...body } = EXAMPLES[op];

  it("is read as it was written", () => {
    const [frame = ""] = encodeRequests([EXAMPLES[op]]);
    expect(decodeRequests(frame)).toEqual({ requests: [EXAMPLES[op]] });
  });

  it(`leaves to be asked, when it has failed: ${remedy}`, () => {
    const left = { cancel: [{ op: "cancel", target: id }], repeat: [body], none: [] }[remedy];
    expect(remediesFor([call(op, {})])).toEqual(left);
  });

  it(`means something in ${session}`, () => {
    const clock = { nowMs: 1, trustedMs: 1_000 };
    expect(outlivesSession(call(op, null), clock)).toBe(session === "any");
  });
});
