/** Puts an example on stage: a server, processes that come and go, and a judgement of what they did. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Latchwork } from "../../sdk/index.ts";
import { startServer } from "../../server/index.ts";
import { Actor, type Report } from "./actor.ts";
import { printFindings, type Finding } from "./finding.ts";
import { client } from "./part.ts";

export interface Stage {
  /** The director's own client. */
  readonly latchwork: Latchwork;
  /** A folder for what the actors share: their database. */
  readonly folder: string;
  /** Starts a process. What it says is printed. */
  cast<Said extends Report>(name: string, program: URL, role?: object): Actor<Said>;
  /** Prints what happens to the actors. */
  narrate(text: string): void;
}

/**
 * Plays it, prints what the actors say and what was found, and has this process exit with 1 if a promise is broken.
 * The server is one of its own, or that of `LATCHWORK_URL` (and `LATCHWORK_TOKEN`); its names are in a new
 * namespace, so that nothing is left from an earlier run.
 */
export async function play(
  title: string,
  script: (stage: Stage) => Promise<readonly Finding[]>,
): Promise<void> {
  console.log(title);
  process.env["LATCHWORK_NAMESPACE"] = `example-${randomUUID()}`;
  await using server = process.env["LATCHWORK_URL"] === undefined ? await startServer() : null;
  if (server !== null) process.env["LATCHWORK_URL"] = server.url;
  const folder = await mkdtemp(join(tmpdir(), "latchwork-example-"));
  const latchwork = client("director");
  const troupe = new Troupe();
  try {
    const stage: Stage = { latchwork, folder, narrate: troupe.narrate, cast: troupe.cast };
    const findings = await Promise.race([script(stage), troupe.accident]);
    if (!printFindings(findings)) process.exitCode = 1;
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  } finally {
    await troupe.dismiss();
    await latchwork.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The processes of a play. */
class Troupe {
  readonly #startedAtMs = performance.now();
  readonly #actors: Actor<Report>[] = [];
  #fail: (error: unknown) => void = () => {};
  /** Rejects as soon as an actor ends otherwise than it should: nobody may wait for what it would have said. */
  readonly accident = new Promise<never>((_, reject) => {
    this.#fail = reject;
  });

  readonly cast = <Said extends Report>(name: string, program: URL, role = {}): Actor<Said> => {
    const listen = (actor: string, report: Report): void => this.#print(actor, inWords(report));
    const actor = new Actor<Said>({ name, program, role: { name, ...role }, listen });
    actor.ended.catch(this.#fail);
    this.#actors.push(actor);
    return actor;
  };

  readonly narrate = (text: string): void => this.#print("–", text);

  async dismiss(): Promise<void> {
    await Promise.allSettled(this.#actors.map((actor) => actor.kill()));
  }

  #print(who: string, text: string): void {
    const seconds = ((performance.now() - this.#startedAtMs) / 1_000).toFixed(3).padStart(7);
    console.log(`${seconds} s  ${who.padEnd(12)} ${text}`);
  }
}

function inWords({ is, ...facts }: Report): string {
  const told = Object.entries(facts).map(([fact, value]) => `${fact} ${String(value)}`);
  return told.length === 0 ? is : `${is} (${told.join(", ")})`;
}
