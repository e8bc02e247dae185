import { LeaseLostError, ProtocolError } from "./errors.ts";
import { isCount } from "./decode.ts";
import type { LeaseLossReason } from "./fault.ts";
import type { Grant, Result } from "./results.ts";

/** What a grant made the client's: a lease, or an end of a stream. The connection knows it by its token. */
export interface Holding {
  readonly token: number;
  /**
   * The server has taken it away, or may have; `null` where the client itself has given it back, by another name than
   * its token. After a release there is nothing left to lose.
   */
  lose(reason: LeaseLossReason | null): void;
}

/** How what is held reaches the connection that it was granted on. */
export interface HoldingOwner {
  release(holding: Holding): Promise<void>;
}

/** What one session holds, by token. */
export class Holdings extends Map<number, Holding> {
  add(holding: Holding): void {
    this.set(holding.token, holding);
  }

  lose(token: number, reason: LeaseLossReason | null): void {
    const holding = this.get(token);
    this.delete(token);
    holding?.lose(reason);
  }

  loseAll(reason: LeaseLossReason, kept?: ReadonlySet<number>): void {
    for (const token of this.keys()) if (!kept?.has(token)) this.lose(token, reason);
  }
}

/** The token of a grant. @throws ProtocolError for what is none. */
export function tokenOf(result: Result): number {
  const { token } = result as Partial<Grant>;
  if (isCount(token)) return token;
  throw new ProtocolError("A grant bears no token.");
}

/** How the loss of something is told. */
export function lossOf(what: string, reason: LeaseLossReason): LeaseLostError {
  return new LeaseLostError(`${what} is lost: ${LOSSES[reason]}.`, { reason });
}

const LOSSES: Record<LeaseLossReason, string> = {
  expired: "the server was not heard for as long as it keeps a silent client",
  revoked: "somebody else took it away",
  "session-ended": "its session was ended",
};
