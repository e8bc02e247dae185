import type { ClientRequest } from "../../../objects/core/machine.ts";
import type { DeliveredItem, ErrorCode, Reply, Result } from "../../../sdk/protocol.ts";

/** A request, and what its client has heard of it. */
export class Call {
  readonly request: ClientRequest;
  readonly replies: Reply[] = [];

  constructor(request: ClientRequest) {
    this.request = request;
  }

  get fate(): "unanswered" | "granted" | "delivered" | "done" | ErrorCode {
    const reply = this.replies.at(-1);
    if (reply === undefined) return "unanswered";
    if ("error" in reply) return reply.error.code;
    if ("items" in reply.ok) return "delivered";
    return "token" in reply.ok ? "granted" : "done";
  }

  get result(): Result | undefined {
    const reply = this.replies.at(-1);
    return reply !== undefined && "ok" in reply ? reply.ok : undefined;
  }

  get token(): number {
    if (this.result === undefined || !("token" in this.result)) {
      throw new Error(`Not granted: ${this.fate}.`);
    }
    return this.result.token;
  }

  /** How a condition's wait ended; `null` of anything else. */
  get woken(): string | null {
    return this.result !== undefined && "woken" in this.result ? this.result.woken : null;
  }

  get delivered(): readonly DeliveredItem[] {
    return this.result !== undefined && "items" in this.result ? this.result.items : [];
  }

  /** What a receive was given. */
  get items(): unknown[] {
    return this.delivered.map(({ item }): unknown => JSON.parse(item));
  }
}
