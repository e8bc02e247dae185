import type { Fault } from "../sdk/protocol.ts";

/** Thrown by whoever will not serve a request; `app.ts` turns it into what the client can read. */
export class Refusal extends Error {
  readonly fault: Fault;
  /** Where the address says more than the fault's code does. */
  readonly status: number | undefined;
  readonly headers: Record<string, string>;

  constructor(
    fault: Fault,
    options: { status?: number; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(fault.message);
    this.name = "Refusal";
    this.fault = fault;
    this.status = options.status;
    this.headers = { ...options.headers };
  }
}

/** Throws what the fault stands for, if there is one. */
export function check(fault: Fault | null): void {
  if (fault !== null) throw new Refusal(fault);
}

export function invalid(message: string): Refusal {
  return new Refusal({ code: "invalid-argument", message });
}

export function methodNotAllowed(method: string, allowed: string): Refusal {
  const message = `This address does not take ${method}; it takes ${allowed}.`;
  return new Refusal({ code: "protocol", message }, { status: 405, headers: { Allow: allowed } });
}

export function noSuchAddress(): Refusal {
  const message =
    "Nothing is at this address. An object's address is /v1/:namespace/:kind/:name, the name percent-encoded.";
  return new Refusal({ code: "protocol", message }, { status: 404 });
}
