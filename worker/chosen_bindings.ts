import { KINDS, type Kind } from "../sdk/protocol.ts";
import { VARIABLES } from "./auth.ts";
import { BINDINGS } from "./bindings.ts";
import type { Env, ObjectNamespace } from "./env.ts";
import type { VariableNames } from "./mounted.ts";

interface Choice {
  readonly bindings?: { readonly [kind in Kind]?: string | undefined } | undefined;
  readonly variables?: Partial<VariableNames> | undefined;
}

/** Finds what Latchwork needs in the environment of a Worker that may call it otherwise. */
export function chosenBindings({ bindings, variables }: Choice): (env: unknown) => Env {
  const { token, open } = { ...VARIABLES, ...variables };
  const names = KINDS.map((kind) => [BINDINGS[kind], bindings?.[kind] ?? BINDINGS[kind]] as const);
  return (env) => {
    const given = (env ?? {}) as Readonly<Record<string, unknown>>;
    return {
      ...Object.fromEntries(names.map(([ours, theirs]) => [ours, namespaceIn(given[theirs])])),
      LATCHWORK_TOKEN: textIn(given, token),
      LATCHWORK_OPEN: textIn(given, open),
    };
  };
}

function namespaceIn(binding: unknown): ObjectNamespace | undefined {
  const candidate = binding as Partial<ObjectNamespace> | null | undefined;
  return typeof candidate?.getByName === "function" ? (candidate as ObjectNamespace) : undefined;
}

/** What is set and is no text must not pass for what was never set, nor for a text that somebody can guess. */
function textIn(given: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = given[name];
  if (value === undefined || typeof value === "string") return value;
  throw new TypeError(
    `${name} is not a text: use the option authorize for secrets of other kinds.`,
  );
}
