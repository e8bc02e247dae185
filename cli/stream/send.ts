import { Command } from "commander";
import { LatchworkError } from "../../sdk/index.ts";
import { encodeItem } from "../../sdk/items.ts";
import { exitCodesHelp } from "../exit_codes.ts";
import { Failure, failureOf } from "../failure.ts";
import { openClient, withClient, withPrinting, type ClientAccess } from "../options.ts";
import { printJson } from "../output.ts";
import { orAborted, untilSignalled } from "../signalled.ts";
import { bufferOption } from "./buffer.ts";
import { badLine, linesOf, type Line } from "./lines.ts";
import { Outbox } from "./outbox.ts";

/** How many items may be on their way to the server. */
const IN_FLIGHT_MAX = 64;

interface SendOptions extends ClientAccess {
  readonly buffer?: number;
  readonly raw?: boolean;
}

const HELP = `
When the input ends, and every item was accepted, the end is closed. When the last sender of a
stream has closed, receivers get what is left and then end; the stream is closed for good, until
\`latchwork reset\`.

Numbers are JavaScript's: what has more digits than they carry belongs in a string.
${exitCodesHelp(["0", "2", "65", "69", "70", "74", "77", "78", "128+n"])}`;

export function sendCommand(): Command {
  const command = new Command("send")
    .summary("send standard input to a stream, an item per line")
    .description("Sends each line of standard input, a JSON value, as an item of STREAM, in order.")
    .argument("<stream>", "its name")
    .addOption(bufferOption())
    .option("--raw", "each line is a string, whatever stands in it")
    .addHelpText("after", HELP)
    .action(send);
  return withPrinting(withClient(command), "print how many items were sent, as JSON");
}

async function send(name: string, options: SendOptions): Promise<void> {
  await untilSignalled(async (signal) => {
    await using latchwork = openClient(options);
    const stream = latchwork.stream(name, { maxBufferSize: options.buffer });
    await using end = await orAborted(stream.openSend(), signal);
    // Whoever waits for the next line is woken by this, too.
    const stop = (error: unknown): void => void process.stdin.destroy(error as Error);
    signal.addEventListener("abort", () => stop(signal.reason));
    const outbox = new Outbox(end, { inFlightMax: IN_FLIGHT_MAX, signal, onFailure: stop });
    try {
      await sendLines(outbox, options);
    } catch (error) {
      // What came before it is sent all the same.
      await outbox.drain().catch(() => {});
      throw withCount(failureOf(error), outbox.accepted);
    }
    if (options.json) await printJson({ sent: outbox.accepted });
  });
}

async function sendLines(outbox: Outbox, { raw }: SendOptions): Promise<void> {
  for await (const line of linesOf(process.stdin as AsyncIterable<Uint8Array>)) {
    // As JSON Lines have it, an empty line is none; as a string it is an empty one.
    if (!raw && line.text.trim() === "") continue;
    await outbox.add(itemOf(line, { raw: raw === true }));
  }
  await outbox.drain();
}

/** @throws Failure for what is no item: nothing that comes after it is to be sent. */
function itemOf({ number, text }: Line, { raw }: { raw: boolean }): unknown {
  try {
    const item: unknown = raw ? text : JSON.parse(text);
    encodeItem(item);
    return item;
  } catch (error) {
    const what = error instanceof LatchworkError ? "is no item" : "is not JSON";
    throw badLine(number, `${what}: ${(error as Error).message.replace(/\.$/, "")}`);
  }
}

function withCount({ message, exitCode, code }: Failure, accepted: number): Failure {
  const sent = accepted === 1 ? "1 item was" : `${accepted} items were`;
  const text = `${message.replace(/\.$/, "")}; ${sent} sent before.`;
  return new Failure(text, { exitCode, code });
}
