/** How long a socket stays on which nothing depends: to open one costs more than the pings of so much time. */
const IDLE_MS = 30_000;

/** For how long nothing has depended on a connection. It needs no timer: whoever has a pong looks. */
export class Idleness {
  #afterId = 0;
  #sinceMs = 0;

  /** @param look.lastId of the requests so far: one that came and went between two looks is seen by it. */
  isLong(look: { isWanted: boolean; lastId: number; nowMs: number }): boolean {
    if (!look.isWanted && look.lastId === this.#afterId)
      return look.nowMs - this.#sinceMs >= IDLE_MS;
    this.#afterId = look.lastId;
    this.#sinceMs = look.nowMs;
    return false;
  }
}
