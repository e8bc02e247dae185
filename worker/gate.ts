import type { Context, Env as AnyEnv } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ErrorCode } from "../sdk/protocol.ts";
import type { Address } from "./address.ts";
import type { LatchworkAppOptions } from "./app_options.ts";
import { presentedToken } from "./auth.ts";
import type { Gate } from "./mounted.ts";
import { Refusal } from "./refusal.ts";

/** The gate of one request: the Worker that mounts the app says whether it opens. */
export function gateOf<E extends AnyEnv>(
  c: Context<E>,
  authorize: NonNullable<LatchworkAppOptions<E>["authorize"]>,
): Gate {
  let admitted: Address | null = null;
  return {
    async pass(address) {
      const access = { ...address, token: presentedToken(c.req.raw) };
      if (!(await asked(() => authorize(c, access)))) throw refused("unauthorized", NOT_LET_IN);
      admitted = address;
    },
    isOpenFor: ({ namespace, kind, name }) =>
      admitted?.namespace === namespace && admitted.kind === kind && admitted.name === name,
  };
}

/** Only `true` lets anybody in, whatever a program without types answers. */
async function asked(authorize: () => unknown): Promise<boolean> {
  try {
    return (await authorize()) === true;
  } catch (error) {
    if (!(error instanceof HTTPException) || error.status < 400 || error.status > 499) throw error;
    const code = error.status === 401 ? "unauthorized" : "forbidden";
    throw refused(code, error.message === "" ? NOT_LET_IN : error.message);
  }
}

function refused(code: ErrorCode, message: string): Refusal {
  return new Refusal({ code, message });
}

const NOT_LET_IN = "The Worker that runs this server did not let the request in.";
