import { z } from "zod";
import { ERROR_CODES, KINDS, LIMITS, type Kind } from "../../sdk/protocol.ts";
import { OPERATIONS, type Operation } from "../calls/operations.ts";
import { ANSWERS } from "../calls/schemas.ts";
import { STATUSES } from "../problem.ts";
import { STATISTICS } from "./statistics.ts";

/** A JSON Schema, or a part of an OpenAPI document: plain JSON. */
export type Json = { readonly [name: string]: unknown };

export interface Path {
  readonly get?: Json;
  readonly post?: Json;
  readonly delete?: Json;
}
export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: Kind; readonly description: string }[];
  readonly paths: Readonly<Record<string, Path>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
  readonly [member: string]: unknown;
}

const ABOUT: Readonly<Record<Kind, string>> = {
  lock: "One at a time.",
  semaphore: "So many at a time.",
  event: "Waiting until something is so.",
  condition: "Waiting, with a lock, until another has changed what the lock guards.",
  limiter: "So many at a time, each by name; the number can be changed.",
  stream: "Handing items over, each to one receiver.",
};

const DESCRIPTION = `Locks, semaphores, events, conditions, capacity limiters and streams for programs that do not share a machine, by calls that need no connection: everybody who calls, or has a socket, stands in the same line.

What a call is granted lives for its \`ttlMs\`, until it is released, or for longer by every call that names its \`lease\`. A call that has to wait is answered when it is its turn; who hangs up has left the line. An \`Idempotency-Key\` makes a repeated call give the same answer, for a day.

A name that no path can carry (\`.\`, \`..\`) stands in the query: \`/v1/default/lock/acquire?name=..\`. The SDK's own connection is a WebSocket at the object's address.`;

/** The calls of this server as OpenAPI 3.1, made of the schemas that check them. */
export function openApi(): OpenApi {
  const paths: Record<string, Path> = {
    "/healthz": {
      get: {
        summary: "Whether the server is there.",
        security: [],
        responses: { "200": { description: "It is." } },
      },
    },
  };
  for (const kind of KINDS) {
    const object = `/v1/{namespace}/${kind}/{name}`;
    for (const [op, operation] of Object.entries(OPERATIONS[kind])) {
      paths[`${object}/${op}`] = { post: post(kind, op, operation) };
    }
    paths[object] = { get: inspect(kind) };
    paths[`${object}/leases/{token}`] = { delete: revoke(kind) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Latchwork",
      version: "1",
      description: DESCRIPTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "./" }],
    security: [{ token: [] }, {}],
    tags: KINDS.map((name) => ({ name, description: ABOUT[name] })),
    paths,
    components: {
      schemas: {
        ...Object.fromEntries(
          Object.entries(ANSWERS).map(([name, schema]) => [name, schemaOf(schema, "output")]),
        ),
        ...Object.fromEntries(
          KINDS.map((kind) => [statisticsName(kind), schemaOf(STATISTICS[kind], "output")]),
        ),
        Problem: PROBLEM,
      },
      parameters: PARAMETERS,
      responses: {
        Problem: {
          description: "It was refused; `code` says why.",
          content: { "application/problem+json": { schema: ref("schemas", "Problem") } },
        },
      },
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description: "LATCHWORK_TOKEN, where the server has one.",
        },
      },
    },
  } as OpenApi;
}

function post(kind: Kind, op: string, { summary, body, answer }: Operation): Json {
  const schema = schemaOf(body, "input");
  const isNeeded = Array.isArray(schema["required"]) && schema["required"].length > 0;
  return {
    operationId: `${kind}-${op}`,
    tags: [kind],
    summary,
    parameters: [
      ref("parameters", "namespace"),
      ref("parameters", "name"),
      ref("parameters", "idempotencyKey"),
    ],
    requestBody: { required: isNeeded, content: json(schema) },
    responses: {
      "200": {
        description: ANSWERS[answer].description ?? "",
        content: json(ref("schemas", answer)),
      },
      default: ref("responses", "Problem"),
    },
  };
}

function inspect(kind: Kind): Json {
  return {
    operationId: `${kind}-statistics`,
    tags: [kind],
    summary: "Who holds, who waits, and since when (LK4).",
    parameters: [ref("parameters", "namespace"), ref("parameters", "name")],
    responses: {
      "200": {
        description: "As of the last commit.",
        content: json(ref("schemas", statisticsName(kind))),
      },
      default: ref("responses", "Problem"),
    },
  };
}

function revoke(kind: Kind): Json {
  return {
    operationId: `${kind}-revoke`,
    tags: [kind],
    summary: "Takes a lease away from whoever holds it, as an operator (LE1).",
    parameters: [
      ref("parameters", "namespace"),
      ref("parameters", "name"),
      ref("parameters", "token"),
    ],
    responses: {
      "204": { description: "It was taken, and goes to the next in line." },
      default: ref("responses", "Problem"),
    },
  };
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: "draft-2020-12" });
  return rest;
}

function statisticsName(kind: Kind): string {
  return `${kind[0]?.toUpperCase() ?? ""}${kind.slice(1)}Statistics`;
}

function ref(where: "schemas" | "parameters" | "responses", name: string): Json {
  return { $ref: `#/components/${where}/${name}` };
}

function json(schema: Json): Json {
  return { "application/json": { schema } };
}

const PARAMETERS = {
  namespace: {
    name: "namespace",
    in: "path",
    required: true,
    description: "Names in different namespaces never meet.",
    schema: { type: "string", pattern: "^[a-z0-9-]{1,63}$", default: "default" },
  },
  name: {
    name: "name",
    in: "path",
    required: true,
    description: "Any Unicode but control characters, percent-encoded: a slash is %2F.",
    schema: { type: "string", minLength: 1, maxLength: LIMITS.nameCharactersMax },
  },
  token: {
    name: "token",
    in: "path",
    required: true,
    description: "The fencing token of the lease.",
    schema: { type: "integer", minimum: 1 },
  },
  idempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    required: false,
    description: "Makes a repeated call give the same answer, for a day.",
    schema: { type: "string", minLength: 1, maxLength: LIMITS.idempotencyKeyCharactersMax },
  },
};

const PROBLEM = {
  type: "object",
  description: `Problem details (RFC 9457). By status: ${Object.entries(STATUSES)
    .map(([code, status]) => `${status} ${code}`)
    .join(", ")}.`,
  required: ["type", "title", "status", "detail", "code"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string", description: "For people: what was wrong, and what to do." },
    code: { type: "string", enum: ERROR_CODES },
    limit: { type: "string", description: "With limit-exceeded: which one." },
    max: { type: "integer" },
    retryAfterMs: { type: "integer", description: "With overloaded: how long to stay away." },
  },
};
