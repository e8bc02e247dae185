/** Runs the suite in a page: the setup stands in the page, the reports are posted to where it came from. */
import { runSuite } from "../inside/run_suite.ts";
import type { Report, Setup } from "../inside/setup.ts";

/** Called by the page. */
export async function run(setup: Setup): Promise<void> {
  let posted = Promise.resolve();
  const post = async (report: Report): Promise<void> => {
    await fetch("/report", { method: "POST", body: JSON.stringify(report) });
  };
  await runSuite(setup, (report) => {
    posted = posted.then(() => post(report));
  });
  await posted;
}
