/** A region's cron: it fires when the director says so, and sends the month's invoices, unless another region does. */
import { fenced } from "../fencing/fence.ts";
import { openDatabase } from "../theatre/database.ts";
import { act } from "../theatre/part.ts";
import { oncePerTick, type Outcome } from "./once_per_tick.ts";

export interface RegionRole {
  readonly name: string;
  readonly folder: string;
  readonly customers: number;
  /** How many are billed when a process dies in the middle. */
  readonly middle: number;
  /** How far this region's clock is wrong. */
  readonly skewMs: number;
  /** When it is to fire, in true time. */
  readonly ticksMs: readonly number[];
}

export type RegionSaid =
  | { readonly is: "fires"; readonly tick: number; readonly clock: string }
  | {
      readonly is: "bills";
      readonly tick: number;
      readonly customer: number;
      readonly token: number;
    }
  | { readonly is: "is in the middle" }
  | { readonly is: "is through"; readonly tick: number; readonly outcome: Outcome };

await act<RegionRole, RegionSaid>(async ({ role, latchwork, ending, say, told, wasTold }) => {
  const database = openDatabase(role.folder);
  // A customer is billed once for a tick, whoever does it: that is what makes it harmless to begin again.
  const bill = database.prepare("INSERT INTO invoices VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  const billed = database.prepare("SELECT count(*) AS count FROM invoices WHERE tick = ?");

  for (const [tick, tickMs] of role.ticksMs.entries()) {
    await told(`fire ${tick}`);
    const firedAtMs = tickMs + role.skewMs;
    say({ is: "fires", tick, clock: new Date(firedAtMs).toISOString() });
    const outcome = await oncePerTick(
      latchwork,
      { job: "invoices", scheduledAtMs: firedAtMs },
      async ({ token, signal }) => {
        for (let customer = 1; customer <= role.customers; customer += 1) {
          signal.throwIfAborted();
          const { changes } = fenced(database, { resource: "invoices", token }, () =>
            bill.run(tick, customer, token),
          );
          if (changes === 0) continue; // it was billed before
          say({ is: "bills", tick, customer, token });
          if (wasTold(`halt in ${tick}`) && billed.get(tick)?.["count"] === role.middle) {
            say({ is: "is in the middle" });
            await told("go on");
          }
        }
      },
      ending,
    );
    say({ is: "is through", tick, outcome });
  }
});
