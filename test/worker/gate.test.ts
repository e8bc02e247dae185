import * as fc from "fast-check";
import { Hono } from "hono";
import { expect, test } from "vitest";
import type { Access } from "../../worker/library.ts";
import { alone, doorTo, inside, type AnyBindings, type Embedding } from "./support/embedded.ts";
import { FakeNamespace } from "./support/fake_namespace.ts";

const ODD = ["v1", "default", "lock", "leases", "%61", "%2F", "%", "..", "", "1"] as const;
const odd = fc.constantFrom(...ODD);
const namespace = mostly("default", "%64efault");
const kind = mostly("lock", "event", "%6Cock");
const rest = fc.array(mostly("a", "%62", "leases", "1"), { maxLength: 4 });
const query = fc.constantFrom("", "", "?name=", "?name=b", "?name=%61", "?name=a&name=b", "?x=1");
const path = fc
  .tuple(namespace, kind, rest, query)
  .map(([namespace, kind, rest, query]) => `/v1/${[namespace, kind, ...rest].join("/")}${query}`);
const method = fc.constantFrom("GET", "DELETE", "POST", "HEAD");

function mostly(...usual: string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...usual), weight: 9 },
    { arbitrary: odd, weight: 1 },
  );
}

type Authorize = (c: unknown, access: Access) => boolean;
const EMBEDDINGS: readonly (readonly [string, (authorize: Authorize) => Embedding])[] = [
  ["alone", (authorize) => alone("/lw", { authorize })],
  ["in an app", (authorize) => inside(new Hono<AnyBindings>(), "/lw", { authorize })],
  [
    "in an app that is not strict about slashes",
    (authorize) => inside(new Hono<AnyBindings>({ strict: false }), "/lw", { authorize }),
  ],
];

test.each(EMBEDDINGS)(
  "whoever is let in is let in for the object that the request reaches: %s",
  async (_, embedded) => {
    const reached = { count: 0 };
    await fc.assert(
      fc.asyncProperty(path, method, async (path, method) => {
        const objects = new FakeNamespace();
        const asked: string[] = [];
        const embedding = embedded(
          (_, { namespace, name }) => asked.push(`${namespace}/${name}`) > 0,
        );
        const door = doorTo(embedding, { LOCKS: objects, EVENTS: objects });
        const { status } = await door.fetch(path, { method });
        expect(status).not.toBe(500);
        for (const { name } of objects.reached) expect(asked).toEqual([name]);
        reached.count += objects.reached.length;
      }),
      { numRuns: 1_000, examples: [["/v1/default/lock/a", "GET"]] },
    );
    expect(reached.count).toBeGreaterThan(20);
  },
);
