import { connect, type ConnectOptions, type Latchwork } from "../../../sdk/index.ts";
import type { FeatureId } from "./features.ts";
import { Road } from "./road.ts";
import type { Setup } from "./setup.ts";

/** One promise of the SDK, shown on whichever runtime it is run. */
export interface Case {
  readonly title: string;
  run(context: Context): Promise<void>;
}

/** The runtime lacks what a case is about: said by a probe, not by the case. */
export class Lacking extends Error {
  readonly feature: FeatureId;

  constructor(feature: FeatureId) {
    super(`This runtime lacks ${feature}.`);
    this.feature = feature;
  }
}

/** What a case has to work with. Its clients are closed when it is over. */
export class Context {
  readonly setup: Setup;
  readonly road: Road;
  /** No other case has it. */
  readonly name: string;
  readonly #features: ReadonlySet<FeatureId>;
  readonly #clients: Latchwork[] = [];

  constructor(setup: Setup, features: ReadonlySet<FeatureId>, name: string) {
    this.setup = setup;
    this.road = new Road(setup);
    this.name = name;
    this.#features = features;
  }

  /** A client of the open server. */
  readonly client = (options?: ConnectOptions): Latchwork =>
    this.#connect(this.setup.serverUrl, options);

  /** A client whose road to the server can be cut. */
  readonly traveller = (options?: ConnectOptions): Latchwork =>
    this.#connect(this.setup.roadUrl, options);

  /** A client of the server that wants a token. */
  readonly guest = (options?: ConnectOptions): Latchwork =>
    this.#connect(this.setup.guardedUrl, options);

  /** @throws Lacking where the runtime has not got it. */
  readonly needs = (feature: FeatureId): void => {
    if (!this.#features.has(feature)) throw new Lacking(feature);
  };

  async close(): Promise<void> {
    await this.road.open();
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  #connect(url: string, options: ConnectOptions = {}): Latchwork {
    const client = connect(url, { namespace: this.setup.namespace, ...options });
    this.#clients.push(client);
    return client;
  }
}
