import type { Connection } from "./connection.ts";
import type { EventStatistics } from "./results.ts";
import { waitFor, type WaitOptions } from "./waiting.ts";

/**
 * A flag that programs wait for: of all that wait, every one is woken when it is set (EV2). It can be cleared and
 * used again (EV4).
 */
export class Event {
  readonly #connection: Connection;

  /** Made by `connect(…).event(name)`. To call it is the SDK's: it takes what only a client has. */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Wakes everybody who waits, those too who have lost their connection and will be back, and lets everybody pass
   * until `clear` (EV1, EV2). Setting what is set changes nothing (EV3).
   *
   * @throws ConnectionLostError when the server could not be reached for as long as the session lives.
   */
  async set(): Promise<void> {
    await this.#connection.ask({ op: "set" });
  }

  /**
   * Lets those who come from now on wait again (EV4). Clearing what is not set changes nothing (EV3).
   *
   * @throws ConnectionLostError when the server could not be reached for as long as the session lives.
   */
  async clear(): Promise<void> {
    await this.#connection.ask({ op: "clear" });
  }

  /** True if it is set, as of the server's last commit. */
  async isSet(): Promise<boolean> {
    return (await this.statistics()).isSet;
  }

  /**
   * Waits until it is set; returns at once if it is (EV1).
   *
   * @param options.timeoutMs how long to wait, in milliseconds; 0 is "now or not at all"; without it, for ever.
   * @param options.signal gives the wait up when aborted.
   * @throws TimeoutError when `timeoutMs` passed. `signal.reason` when aborted.
   * @throws InvalidArgumentError when `timeoutMs` is negative or no number.
   * @throws LimitExceededError when too many wait already.
   * @throws ConnectionLostError when the server could not be reached within `timeoutMs`, or for as long as the session lives.
   */
  wait(options: WaitOptions = {}): Promise<void> {
    return waitFor(this.#connection, { op: "wait" }, options, (result, { id: target }) => {
      // The server remembers who was woken until it knows that they know.
      if ("remembered" in result) this.#connection.tell({ op: "cancel", target });
    });
  }

  /** Whether it is set, and how many wait, as of the last commit. */
  async statistics(): Promise<EventStatistics> {
    return (await this.#connection.ask({ op: "statistics" })) as EventStatistics;
  }
}
