import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { Json, OpenApi } from "./document.ts";

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/**
 * The OpenAPI document for people: one page, without scripts, and with nothing from elsewhere, so that a server that
 * has no internet shows it too.
 */
export function docsPage(document: OpenApi): Html {
  const { info, tags } = document;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${info.title}: calls over HTTP</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <h1>${info.title}: calls over HTTP</h1>
        ${info.description.split("\n\n").map((text) => html`<p>${prose(text)}</p>`)}
        <p>
          The same for machines: <a href="openapi.json">openapi.json</a>. Take a lock from a shell:
        </p>
        <pre>
curl -X POST -d '{"timeoutMs": 10000}' <em>server</em>/v1/default/lock/invoices%2F42/acquire</pre>
        <nav>${tags.map(({ name }) => html`<a href="#${name}">${name}</a> `)}</nav>
        ${tags.map((tag) => section(document, tag))}
      </body>
    </html>`;
}

function section({ paths, components }: OpenApi, tag: { name: string; description: string }): Html {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Json>).flatMap(([method, operation]) =>
      (operation["tags"] as string[] | undefined)?.includes(tag.name) === true
        ? [{ path, method, operation }]
        : [],
    ),
  );
  return html`<section>
    <h2 id="${tag.name}">${tag.name}</h2>
    <p>${tag.description}</p>
    ${operations.map(
      ({ path, method, operation }) =>
        html`<article id="${String(operation["operationId"])}">
          <h3><code>${method.toUpperCase()} ${path}</code></h3>
          <p>${String(operation["summary"])}</p>
          ${fields("Body", bodyOf(operation))}
          ${fields("Answer", answerOf(operation, components.schemas))}
        </article>`,
    )}
  </section>`;
}

interface Schema extends Json {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

function fields(title: string, schema: Schema | null): Html | "" {
  const entries = Object.entries(schema?.properties ?? {});
  if (entries.length === 0) return "";
  const required = new Set(schema?.required);
  return html`<table>
    <caption>
      ${title}
    </caption>
    ${entries.map(
      ([name, field]) =>
        html`<tr>
          <th scope="row">
            <code>${name}</code>${required.has(name) ? "" : html`<small> may be left out</small>`}
          </th>
          <td>${typeOf(field)}</td>
          <td>${field.description ?? ""}</td>
        </tr>`,
    )}
  </table>`;
}

function typeOf(schema: Schema): string {
  const { type, minimum, maximum, default: otherwise, enum: values, anyOf, properties } = schema;
  const range = minimum !== undefined && maximum !== undefined ? ` ${minimum} to ${maximum}` : "";
  const said = otherwise === undefined ? "" : `, ${JSON.stringify(otherwise)} if left out`;
  if (Array.isArray(values))
    return values.map((value) => JSON.stringify(value)).join(" or ") + said;
  if (Array.isArray(anyOf)) return (anyOf as Schema[]).map(typeOf).join(" or ") + said;
  const parts = properties === undefined ? "" : ` with ${Object.keys(properties).join(", ")}`;
  return `${type ?? "any JSON"}${parts}${range}${said}`;
}

function bodyOf(operation: Json): Schema | null {
  const body = operation["requestBody"] as
    | { content: { "application/json": { schema: Schema } } }
    | undefined;
  return body?.content["application/json"].schema ?? null;
}

function answerOf(operation: Json, schemas: OpenApi["components"]["schemas"]): Schema | null {
  type Content = { content?: { "application/json": { schema: { $ref: string } } } };
  const { 200: ok } = operation["responses"] as { 200?: Content };
  const name = ok?.content?.["application/json"].schema.$ref.split("/").at(-1);
  return name === undefined ? null : (schemas[name] ?? null);
}

/** Between back-quotes is code. */
function prose(text: string): Html[] {
  return text
    .split("`")
    .map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

const STYLE = `
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  code, pre { font: .9em ui-monospace, monospace; }
  pre, article { background: color-mix(in srgb, currentColor 5%, transparent); padding: .5rem 1rem; overflow-x: auto; }
  article { margin: 1rem 0; }
  h3 { font-size: 1rem; margin: .5rem 0; }
  table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-size: .9rem; }
  caption, th { text-align: left; font-weight: 600; }
  th, td { padding: .25rem .5rem .25rem 0; vertical-align: top; border-top: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
  small { font-weight: 400; }
  :root { color-scheme: light dark; }
`;
