import type { ObjectNamespace, ObjectStub } from "../../../worker/env.ts";

/** One call that reached an object. */
export interface Reached {
  readonly name: string;
  readonly request: Request | null;
}

/** A namespace whose objects do as the test says, and which remembers what reached them. */
export class FakeNamespace implements ObjectNamespace {
  readonly reached: Reached[] = [];
  stubs = 0;
  readonly #failures: Error[];

  /** Each call fails with the next of `failures` while there are any. */
  constructor(...failures: Error[]) {
    this.#failures = failures;
  }

  getByName(name: string): ObjectStub {
    this.stubs += 1;
    const reach = async (request: Request | null): Promise<void> => {
      this.reached.push({ name, request });
      const failure = this.#failures.shift();
      if (failure !== undefined) await Promise.reject(failure);
    };
    return {
      async fetch(url, init) {
        await reach(new Request(url, init));
        const { 0: client, 1: server } = new WebSocketPair();
        server.accept();
        return new Response(null, { status: 101, webSocket: client });
      },
      async inspect() {
        await reach(null);
        return { locked: false, owner: null, tasksWaiting: 0, holders: [], waiters: [] };
      },
      join: () => Promise.reject(new Error("Nobody joins a fake object.")),
      async revoke() {
        await reach(null);
        return true;
      },
    };
  }
}

/** An error as the platform marks those of its stubs. */
export function stubError(marks: { retryable?: boolean; overloaded?: boolean }): Error {
  return Object.assign(new Error("internal detail of the platform"), marks);
}
