import { expect, it } from "vitest";
import { leavesNoClaim } from "../../objects/core/marks.ts";
import type { ClientRequest } from "../../objects/core/machine.ts";
import { EXAMPLES } from "../support/operations.ts";

/** How a repeat of it is known: by its mark; by the claim that it has made; or it need not be, for it changes nothing twice. */
const KNOWN: Readonly<Record<ClientRequest["op"], "by its mark" | "by its claim" | "not at all">> =
  {
    acquire: "by its claim",
    release: "not at all",
    cancel: "not at all",
    statistics: "not at all",
    deposit: "by its mark",
    set: "by its mark",
    clear: "by its mark",
    wait: "by its claim",
    notify: "by its mark",
    return: "by its mark",
    "set-total": "by its mark",
    open: "by its claim",
    send: "by its mark",
    receive: "by its claim",
    confirm: "not at all",
    reset: "by its mark",
  };

it.each(Object.entries(KNOWN))("[LE5] a repeated %s is known %s", (op, how) => {
  const request = EXAMPLES[op as keyof typeof KNOWN];
  expect(leavesNoClaim(request)).toBe(how === "by its mark");
});
