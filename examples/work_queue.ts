/** A producer in one region hands jobs to workers in another; one of them dies over a job, and another does it. */
import { connect } from "../sdk/index.ts";
import { another, check, stage } from "./support/stage.ts";

const JOBS = 12;
interface Job {
  readonly id: number;
}

const [role, url = "", fatal] = process.argv.slice(2);
if (role === "worker") {
  // The part to copy. A job counts as received when the next is asked for: should this die over one, another has it.
  // So a job may be done twice, by a worker that died and by the next: let what it does bear the job's id.
  await using latchwork = connect(url, { sessionTtlMs: 3_000 });
  await using jobs = await latchwork.stream<Job>("jobs").openReceive();
  console.log("is ready");
  for await (const { id } of jobs) {
    console.log(`job ${id}`);
    if (fatal !== undefined) await new Promise(() => setInterval(() => {}, 1_000));
    console.log(`did ${id}`);
  }
  console.log("ends");
} else {
  await using server = await stage();
  const done = new Map<number, number>();
  let ended = 0;
  const taken = Promise.withResolvers<number>();
  const hear = (line: string): void => {
    const [, id] = /^did (\d+)$/.exec(line) ?? [];
    if (id !== undefined) done.set(Number(id), (done.get(Number(id)) ?? 0) + 1);
    if (line === "ends") ended += 1;
  };
  await using latchwork = connect(server.url);
  // The bound is back-pressure: who sends faster than others work waits.
  const jobs = latchwork.stream<Job>("jobs", { maxBufferSize: 4 });
  const send = await jobs.openSend();
  const doomed = another(import.meta.filename, ["worker", server.url, "dies"], (line) => {
    const [, id] = /^job (\d+)$/.exec(line) ?? [];
    if (id !== undefined) taken.resolve(Number(id));
  });
  await send.send({ id: 0 });
  const lost = await taken.promise;
  doomed.process.kill("SIGKILL");
  const workers = [1, 2].map(() => another(import.meta.filename, ["worker", server.url], hear));
  for (let id = 1; id < JOBS; id += 1) await send.send({ id });
  // Loops end when the last sender closes and nothing is in the buffer. What a worker has that died a moment ago is not
  // there yet: so the producer closes when it knows that all is done.
  while (done.size < JOBS) await new Promise((resolve) => setTimeout(resolve, 20));
  await send.close();
  await Promise.all(workers.map((worker) => worker.ended));
  check(`every one of ${JOBS} jobs was done`, done.size === JOBS);
  check(
    "none was done twice",
    [...done.values()].every((times) => times === 1),
  );
  check(`job ${lost}, over which a worker died, among them`, done.has(lost));
  check("the workers' loops ended with the producer", ended === 2);
}
