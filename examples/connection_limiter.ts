/** Many short-lived functions share a few connections to a database; the number can be changed while they run. */
import { connect } from "../sdk/index.ts";
import { another, check, stage } from "./support/stage.ts";

const FUNCTIONS = 12;

const [role, url = "", name = "", hangs] = process.argv.slice(2);
if (role === "function") {
  await using latchwork = connect(url, { sessionTtlMs: 3_000 });
  // The part to copy. Whoever dies with a connection gives its slot back after its TTL.
  const connections = latchwork.limiter("db-connections", { totalTokens: 2 });
  await connections.run(
    async () => {
      const { borrowedTokens, totalTokens } = await connections.statistics();
      console.log(`has one of ${borrowedTokens}, ${totalTokens} at most`);
      if (hangs !== undefined) await new Promise(() => setInterval(() => {}, 1_000));
    },
    { onBehalfOf: name },
  );
} else {
  await using server = await stage();
  await using latchwork = connect(server.url);
  const limiter = latchwork.limiter("db-connections", { totalTokens: 2 });
  let served = 0;
  let most = 0;
  let isKept = true;
  const hear = (line: string): void => {
    const [, borrowed, total] = /one of (\d+), (\d+) at most/.exec(line) ?? [];
    served += 1;
    most = Math.max(most, Number(total));
    isKept &&= Number(borrowed) <= Number(total);
  };
  const stuck = ["stuck-1", "stuck-2"].map((stuckName) =>
    another(import.meta.filename, ["function", server.url, stuckName, "hangs"], hear),
  );
  while ((await limiter.statistics()).borrowedTokens < 2)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const functions = Array.from({ length: FUNCTIONS }, (_, n) =>
    another(import.meta.filename, ["function", server.url, `function-${n}`], hear),
  );
  while ((await limiter.statistics()).tasksWaiting < FUNCTIONS)
    await new Promise((resolve) => setTimeout(resolve, 20));
  check("while both connections are taken, everybody waits", served === 2);
  await limiter.setTotalTokens(3);
  await Promise.all(functions.map(({ ended }) => ended));
  check("with a third they are served, though two are stuck", served === 2 + FUNCTIONS);
  check("never more than there are", isKept && most === 3);
  for (const each of stuck) each.process.kill("SIGKILL");
  while ((await limiter.statistics()).borrowedTokens > 0)
    await new Promise((resolve) => setTimeout(resolve, 100));
  check("and what the dead ones had came back", (await limiter.statistics()).availableTokens === 3);
}
