import { StreamMachine } from "../../../objects/core/stream.ts";
import { Rig, type Call, type Client } from "../machines.ts";

export const newStreamRig = (): Rig => new Rig((recovered) => new StreamMachine(recovered));

/** A stream with one end of each side: Ann sends, Bob receives; Cat and Dan have opened nothing. */
export interface OpenStream {
  readonly rig: Rig;
  readonly ann: Client;
  readonly bob: Client;
  readonly cat: Client;
  readonly dan: Client;
  readonly toSend: Call;
  readonly toReceive: Call;
}

export function openStream(maxBufferSize: number | null): OpenStream {
  const rig = newStreamRig();
  const clients = rig.clients(["ann", "bob", "cat", "dan"], { maxBufferSize });
  const toSend = clients.ann.open("send");
  return { rig, ...clients, toSend, toReceive: clients.bob.open("receive") };
}

/** The two ways in which a session is over, with what they mean for what its client was given. */
export const ENDINGS = [
  { ending: "ended cleanly", end: (_rig: Rig, client: Client): void => client.end() },
  { ending: "fell silent", end: (rig: Rig, client: Client): void => rig.silence(client) },
] as const;

/** What is in the buffer, in order, as a receiver would have it who came now. */
export function drained(client: Client): unknown[] {
  const end = client.open("receive");
  const items: unknown[] = [];
  for (;;) {
    const call = client.receive(end, { timeoutMs: 0 });
    if (call.fate !== "delivered") return items;
    items.push(...call.items);
    client.confirm(call);
  }
}
