/** A worker, in Virginia. */
import { openDatabase } from "../theatre/database.ts";
import { act } from "../theatre/part.ts";
import { work } from "./queue.ts";
import { TableLedger } from "./table_ledger.ts";
import type { Thumbnail } from "./shop.ts";

export interface WorkerRole {
  readonly name: string;
  readonly folder: string;
  /** Stands still in the middle of the nth job that it begins; 0: of none. */
  readonly haltsAt: number;
}

export type WorkerSaid =
  | { readonly is: "begins"; readonly id: string; readonly attempt: number }
  | { readonly is: "is in the middle"; readonly id: string }
  | { readonly is: "is asked to end" }
  | { readonly is: "does"; readonly id: string }
  | { readonly is: "ends" };

await act<WorkerRole, WorkerSaid>(async ({ role, latchwork, ending, say, told }) => {
  const ledger = new TableLedger<Thumbnail>(openDatabase(role.folder), role.name);
  let begun = 0;
  ending.addEventListener("abort", () => say({ is: "is asked to end" }));
  await work(
    latchwork,
    { batch: "thumbnails", ledger, signal: ending },
    async ({ id, picture }, attempt) => {
      say({ is: "begins", id, attempt });
      begun += 1;
      if (begun === role.haltsAt) {
        say({ is: "is in the middle", id });
        await told("go on");
      }
      say({ is: "does", id });
      return picture.replace(".jpg", ".thumbnail.jpg");
    },
  );
  say({ is: "ends" });
});
