/** One of several pods. The one that leads adds to the schedule, which the others would do as well. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { LeaseLostError } from "../../sdk/index.ts";
import { fenced, StaleTokenError } from "../fencing/fence.ts";
import { openDatabase } from "../theatre/database.ts";
import { act } from "../theatre/part.ts";
import { standForElection, type Term } from "./stand_for_election.ts";

export interface PodRole {
  readonly name: string;
  readonly folder: string;
}

export type PodSaid =
  | { readonly is: "leads"; readonly token: number }
  | { readonly is: "writes"; readonly token: number }
  | { readonly is: "stands still, just before it writes" }
  | { readonly is: "is refused"; readonly token: number; readonly knew: boolean }
  | { readonly is: "is deposed"; readonly reason: string }
  | { readonly is: "resigns"; readonly token: number };

await act<PodRole, PodSaid>(async ({ role, latchwork, ending, say, wasTold }) => {
  const database = openDatabase(role.folder);
  const add = database.prepare("INSERT INTO schedule (pod, token) VALUES (?, ?)");

  async function lead({ token, signal }: Term): Promise<void> {
    say({ is: "leads", token });
    try {
      while (!signal.aborted) {
        if (wasTold("freeze")) {
          // A long garbage collection, a machine that is moved: between the look at the signal and the write.
          say({ is: "stands still, just before it writes" });
          process.kill(process.pid, "SIGSTOP");
        }
        fenced(database, { resource: "schedule", token }, () => add.run(role.name, token));
        say({ is: "writes", token });
        await sleep(100, undefined, { signal });
      }
    } catch (error) {
      if (!(error instanceof StaleTokenError)) throw error;
      say({ is: "is refused", token, knew: signal.aborted });
      // For the sake of the play: it hears of it as soon as it listens. A real one just stops.
      if (!signal.aborted) await once(signal, "abort");
      throw error;
    } finally {
      if (ending.aborted) say({ is: "resigns", token });
      else if (signal.reason instanceof LeaseLostError) {
        say({ is: "is deposed", reason: signal.reason.reason });
      }
    }
  }

  await standForElection(latchwork, "scheduler", lead, ending);
});
