/** Of all instances of a deployment one migrates the database; the others wait, and find it done. */
import { connect, type Latchwork } from "../sdk/index.ts";
import { another, check, stage } from "./support/stage.ts";

const STEPS = ["add column", "fill column", "drop old column"];

// The part to copy. Steps are idempotent: whoever goes on after a crash does again what the mark does not say was done.
async function migrate(
  latchwork: Latchwork,
  apply: (step: string, token: number) => Promise<void>,
): Promise<"migrated" | "found it done"> {
  const done = latchwork.event("migrations/2026-11 done");
  return latchwork.lock("migrations/2026-11").run(async (lease) => {
    if (await done.isSet()) return "found it done";
    for (const step of STEPS) {
      lease.signal.throwIfAborted();
      // The database refuses a step whose token is smaller than one that it has seen.
      await apply(step, lease.token);
    }
    await done.set();
    return "migrated";
  });
}

const [role, url = "", crash] = process.argv.slice(2);
if (role === "instance") {
  await using latchwork = connect(url, { sessionTtlMs: 3_000 });
  const outcome = await migrate(latchwork, async (step, token) => {
    console.log(`${step} with ${token}`);
    if (step === crash) await new Promise(() => setInterval(() => {}, 1_000));
  });
  console.log(outcome);
} else {
  await using server = await stage();
  const steps: { step: string; token: number }[] = [];
  const outcomes: string[] = [];
  const hear = (line: string): void => {
    const [, step, token] = /^(.*) with (\d+)$/.exec(line) ?? [];
    if (step === undefined) outcomes.push(line);
    else steps.push({ step, token: Number(token) });
  };
  const half = Promise.withResolvers<void>();
  const first = another(import.meta.filename, ["instance", server.url, "fill column"], (line) => {
    hear(line);
    if (line.startsWith("fill column")) half.resolve();
  });
  await half.promise;
  const others = [1, 2, 3].map(() => another(import.meta.filename, ["instance", server.url], hear));
  first.process.kill("SIGKILL");
  const codes = await Promise.all(others.map(({ ended }) => ended));
  check(
    "the first died half-way, and every other instance started",
    codes.every((code) => code === 0),
  );
  check(
    "one migrated, the others found it done",
    outcomes.toSorted().join() === "found it done,found it done,migrated",
  );
  const tokens = [...new Set(steps.map(({ token }) => token))];
  const [before = 0, after = 0] = tokens;
  check(
    "who went on had a greater token, by which the dead one would be refused",
    tokens.length === 2 && after > before,
  );
  const last = steps.filter(({ token }) => token === after).map(({ step }) => step);
  check("and did every step, in order", last.join() === STEPS.join());
}
