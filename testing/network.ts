/** A client: what `test.connect` returned, or the name that it was given there. Of a name, all that bear it. */
export type Client = { close(): Promise<void> } | string;

/**
 * What can befall the way between a client and the server. Each waits until what is under way has come to rest, and
 * settles when what follows from it at once has, too.
 */
export interface TestNetwork {
  /**
   * The client is cut off: its connections are closed, both sides know, and no new one comes about until `restore`.
   * Within its TTL the client keeps its leases and its places in line; the TTL counts from now.
   */
  cut(client: Client): Promise<void>;

  /**
   * Nothing gets through, and nobody is told: a cable is pulled. Each side finds out when it has heard nothing for too
   * long; the TTL counts from the client's last heart-beat. What is sent meanwhile arrives at `restore`, if the client
   * has not given the connection up by then.
   */
  silence(client: Client): Promise<void>;

  /**
   * From now on everything that is sent takes so long to arrive, each way, until `restore`: then calls need that the
   * test moves the clock.
   *
   * @param ms a whole number from 0.
   * @throws InvalidArgumentError for any other number.
   */
  delay(client: Client, ms: number): Promise<void>;

  /**
   * All is as it was at first. A client that is needed comes back by itself, within the next 2 s of the clock or a
   * quarter of its TTL, whichever is less.
   */
  restore(client: Client): Promise<void>;
}
