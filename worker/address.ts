import type { Context } from "hono";
import { isKind, KINDS, nameFault, namespaceFault, type Kind } from "../sdk/protocol.ts";
import type { HonoEnv } from "./env.ts";
import { check, invalid } from "./refusal.ts";

/** Which object a request is for. */
export interface Address {
  readonly namespace: string;
  readonly kind: Kind;
  readonly name: string;
}

/**
 * Reads the address of an object, and checks it. `nameAt` is the place of the name among the path's segments,
 * counted from the end; null where the path has none, and the query must.
 *
 * The name is read from the URL as it came and decoded once: a router that decodes leniently, or twice, would
 * let two names meet in one object.
 *
 * @throws Refusal that says what is allowed.
 */
export function readAddress(c: Context<HonoEnv>, nameAt: number | null): Address {
  const { namespace = "", kind = "" } = c.req.param();
  const url = new URL(c.req.url);
  const fromPath = nameAt === null ? null : (url.pathname.split("/").at(nameAt) ?? null);
  const names = [fromPath, ...namesInQuery(url)].filter((name) => name !== null);
  return checked(namespace, kind, theOne(names));
}

/**
 * The address that a path under /v1 states, whichever route it will take: for whoever decides on it before. A
 * name in the query stands for itself; then the routes allow none in the path.
 *
 * @throws Refusal that says what is allowed.
 */
export function statedAddress(c: Context<HonoEnv>): Address {
  const [, , namespace = "", kind = "", fromPath] = c.req.path.split("/");
  const inQuery = namesInQuery(new URL(c.req.url));
  const names = inQuery.length > 0 || fromPath === undefined ? inQuery : [fromPath];
  return checked(leniently(namespace), leniently(kind), theOne(names));
}

function checked(namespace: string, kind: string, encodedName: string): Address {
  check(namespaceFault(namespace));
  if (!isKind(kind)) {
    const given = JSON.stringify(kind.slice(0, 80));
    throw invalid(`There is no kind ${given}; the kinds are: ${KINDS.join(", ")}.`);
  }
  const name = decode(encodedName);
  check(nameFault(name));
  return { namespace, kind, name };
}

/** Every `name` of the query. Forms write a space as `+`, and a plus as `%2B`. */
function namesInQuery(url: URL): string[] {
  return url.search
    .slice(1)
    .split("&")
    .filter((pair) => pair.startsWith("name="))
    .map((pair) => pair.slice("name=".length).replaceAll("+", "%20"));
}

function theOne(names: readonly string[]): string {
  const [name, ...others] = names;
  if (name === undefined) {
    throw invalid("The address has no name: /v1/:namespace/:kind/:name, or ?name= in the query.");
  }
  if (others.length > 0) {
    throw invalid(
      "The address states a name more than once: in its path or in its query, not both.",
    );
  }
  return name;
}

/** For what is refused anyway if it holds a percent sign. */
function leniently(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    const given = JSON.stringify(encoded.slice(0, 80));
    throw invalid(
      `The name ${given} is not percent-encoded UTF-8: encodeURIComponent writes it, with a percent sign as %25.`,
    );
  }
}

/** For paths that go on after the name. */
export function nameIsOneSegment(): never {
  throw invalid(
    "A name is the last segment of the path, percent-encoded: encodeURIComponent writes a slash as %2F.",
  );
}
