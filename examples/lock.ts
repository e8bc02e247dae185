/** README's first example: `npm run example` in several terminals, beside `npm start`. */
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "../sdk/index.ts";

await using latchwork = connect("http://127.0.0.1:8787");
const lock = latchwork.lock("invoices/42");

console.log("Waiting for the lock…");
await lock.run(async (lease) => {
  console.log(`This process, and no other, has it. Its fencing token is ${lease.token}.`);
  await sleep(2_000);
});
console.log("Given back.");
