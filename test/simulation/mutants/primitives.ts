import type { Mutant } from "./mutant.ts";

const CONDITION = "objects/core/condition.ts";
const EVENT = "objects/core/event.ts";
const LIMITER = "objects/core/limiter.ts";
const SEMAPHORE = "objects/core/semaphore.ts";

/** What only one primitive can get wrong. */
export const PRIMITIVES_MUTANTS: readonly Mutant[] = [
  {
    name: "a notification is lost with the waiter that is cancelled",
    rules: ["CO4"],
    file: CONDITION,
    find: `      case "notified":
        this.#passedOn += 1;`,
    replace: '      case "notified":',
    kinds: ["condition"],
  },
  {
    name: "a notification is lost with the waiter that is gone",
    rules: ["CO4"],
    file: CONDITION,
    find: "    if (this.#owesNotification(claim, how)) this.#passedOn += 1;\n",
    replace: "",
    kinds: ["condition"],
    faults: ["client crash", "outage"],
    often: 4,
  },
  {
    name: "a wait gives up the lock, and joins the waiters later",
    rules: ["CO2"],
    file: CONDITION,
    find: 'return [...given, { type: "put-claim", claim }, ...this.flow(nowMs)];',
    replace: "return [...given, ...this.flow(nowMs)];",
    kinds: ["condition"],
  },
  {
    name: "the last waiter is notified first",
    rules: ["CO3"],
    file: CONDITION,
    find: "const first = this.#parked.first();",
    replace: "const first = [...this.#parked].at(-1) ?? null;",
    kinds: ["condition"],
  },
  {
    name: "a wait that times out comes back without the lock",
    rules: ["CO5"],
    file: CONDITION,
    find: `return claim.detail === "parked" ? [this.#toLine(claim, "timed-out")] : super.timeOut(claim);`,
    replace: "return super.timeOut(claim);",
    kinds: ["condition"],
  },
  {
    name: "anyone may notify",
    rules: ["CO1"],
    file: CONDITION,
    find: "    if (this.claims.owned(session, token) === null) {\n",
    replace: "    if (token < 0) {\n",
    kinds: ["condition"],
  },
  {
    name: "an event wakes only those who are connected",
    rules: ["EV2"],
    file: EVENT,
    find: 'if (known?.state === "waiting") return this.#isWoken(known) ? [wake(known)] : [];',
    replace: 'if (known?.state === "waiting") return [];',
    kinds: ["event"],
  },
  {
    name: "an event that is cleared at once has woken nobody who was away",
    rules: ["EV2"],
    file: EVENT,
    find: "this.#state = { ...this.#state, isSet: false };",
    replace: "this.#state = { isSet: false, wokenThrough: 0 };",
    kinds: ["event"],
  },
  {
    name: "an event that starts anew takes newcomers for woken",
    rules: ["EV4"],
    file: EVENT,
    find: "super(new Claims<null>(recovered, state.wokenThrough));",
    replace: "super(new Claims<null>(recovered));",
    kinds: ["event"],
  },
  {
    name: "a borrower may borrow twice",
    rules: ["CL1"],
    file: LIMITER,
    find: "    if (first !== undefined && !isRepeat) return refuse(alreadyBorrowed(borrower));\n",
    replace: "    void isRepeat;\n",
    kinds: ["limiter"],
  },
  {
    name: "a limiter that starts anew has forgotten which borrowers wait",
    rules: ["CL1"],
    file: LIMITER,
    find: "    for (const claim of this.claims.waiting()) this.#byBorrower.set(claim.detail.borrower, claim);\n",
    replace: "",
    kinds: ["limiter"],
  },
  {
    name: "lowering the total takes tokens away",
    rules: ["CL5", "LE1"],
    file: LIMITER,
    find: "    this.line.total = permitsOf(totalTokens);\n",
    replace: `    this.line.total = permitsOf(totalTokens);
    const beyond = [...this.claims.held()].slice(this.line.total);
    const taken = beyond.flatMap((claim) => this.revoke(claim));
    if (taken.length > 0) return [...taken, ...this.flow(nowMs), replyOk(session, id)];
`,
    kinds: ["limiter"],
  },
  {
    name: "raising the total admits nobody",
    rules: ["CL4", "W2"],
    file: LIMITER,
    find: 'return [{ type: "put-state", state: this.#state }, replyOk(session, id), ...this.flow(nowMs)];',
    replace: 'return [{ type: "put-state", state: this.#state }, replyOk(session, id)];',
    kinds: ["limiter"],
  },
  {
    name: "a deposit goes to nobody who waits",
    rules: ["SE3", "W2"],
    file: SEMAPHORE,
    find: 'return [{ type: "put-state", state: this.#state }, replyOk(session, id), ...this.flow(nowMs)];',
    replace: 'return [{ type: "put-state", state: this.#state }, replyOk(session, id)];',
    kinds: ["semaphore"],
  },
  {
    name: "a deposit may go beyond the maximum",
    rules: ["SE2"],
    file: SEMAPHORE,
    find: "if (after.maxPermits !== null && after.total > after.maxPermits) {",
    replace: "if (after.maxPermits !== null && after.total > after.maxPermits + 2) {",
    kinds: ["semaphore"],
  },
];
