import type { Kind } from "../sdk/protocol.ts";
import { addressOf, type Objects } from "./server.ts";

/** Something that a program has not given back, or still waits for. */
export interface Leftover {
  readonly namespace: string;
  readonly kind: Kind;
  readonly name: string;
  /** `held`: a lease, or an open end of a stream. `waiting`: a call that has not settled. */
  readonly what: "held" | "waiting";
  /** Whose it is. */
  readonly client: string;
  /** Of what is held. */
  readonly token?: number;
  /** When it was granted, or asked for: milliseconds since the epoch. */
  readonly since: number;
}

/** Why the disposal of a test kit fails that was told to be strict. */
export class LeftoversError extends Error {
  readonly leftovers: readonly Leftover[];

  constructor(leftovers: readonly Leftover[]) {
    super(`A test has left something behind:\n${leftovers.map(describe).join("\n")}`);
    this.name = "LeftoversError";
    this.leftovers = leftovers;
  }
}

/** What is held and waited for at any name, but for what only the dead have. */
export function leftoversOf(objects: Objects, isDead: (client: string) => boolean): Leftover[] {
  return Array.from(objects, ([path, object]) => {
    if (!object.isUsed) return [];
    const report = object.inspect();
    if ("fault" in report) return [];
    const address = addressOf(path);
    return [
      ...Array.from(report.holders, ({ client, token, since }) => {
        return { ...address, what: "held", client, token, since } as const;
      }),
      ...Array.from(report.waiters, ({ client, since }) => {
        return { ...address, what: "waiting", client, since } as const;
      }),
    ];
  })
    .flat()
    .filter(({ client }) => !isDead(client));
}

function describe({ kind, name, what, client, token, since }: Leftover): string {
  const whose = `${JSON.stringify(client)}, since ${new Date(since).toISOString()}`;
  const which = `${kind} ${JSON.stringify(name)}`;
  return what === "held"
    ? `- ${which} is held by ${whose} (token ${token})`
    : `- ${which} is waited for by ${whose}`;
}
