import { Command } from "commander";
import { LIMITS } from "../../sdk/index.ts";
import { exitCodesHelp } from "../exit_codes.ts";
import {
  count,
  duration,
  openClient,
  withClient,
  withPrinting,
  type ClientAccess,
} from "../options.ts";
import { printLine } from "../output.ts";
import { orAborted, untilSignalled } from "../signalled.ts";
import { bufferOption } from "./buffer.ts";

interface ReceiveOptions extends ClientAccess {
  readonly buffer?: number;
  readonly count?: number;
  readonly timeout?: number;
  readonly prefetch: number;
  readonly raw?: boolean;
}

const HELP = `
An item counts as received when it was written to standard output. If that fails (\`| head -1\`),
or this process dies before, another receiver has it.

Ends with 0 when every sender has closed and nothing is left. When the last receiver of a stream has
closed, senders fail, and what is in the buffer is received by nobody: keep another one open, or send
and receive until the end.
${exitCodesHelp(["0", "2", "69", "70", "74", "75", "77", "78", "128+n"])}`;

export function receiveCommand(): Command {
  const command = new Command("receive")
    .summary("print what a stream brings, an item per line")
    .description("Prints the items of STREAM, each to one receiver only, as a line of JSON.")
    .argument("<stream>", "its name")
    .addOption(bufferOption())
    .option("--count <n>", "end after so many", count({ from: 1, to: Number.MAX_SAFE_INTEGER }))
    .option(
      "--timeout <duration>",
      "how long to wait for each item; without it, for ever",
      duration,
    )
    .option(
      "--prefetch <n>",
      "how many to ask for at once; others do not get those",
      count({ from: 1, to: LIMITS.unconfirmedMax }),
      1,
    )
    .option("--raw", "print strings as they are, without quotes")
    .addHelpText("after", HELP)
    .action(receive);
  return withPrinting(withClient(command), "the default: every line is JSON, but with --raw");
}

async function receive(name: string, options: ReceiveOptions): Promise<void> {
  await untilSignalled(async (signal) => {
    // Closed as a whole, and the loop never left by an error: what it has in hand would count as received.
    await using latchwork = openClient(options);
    const stream = latchwork.stream(name, { maxBufferSize: options.buffer });
    const end = await orAborted(stream.openReceive({ prefetch: options.prefetch }), signal);
    const items = end[Symbol.asyncIterator]();
    const max = options.count ?? Infinity;
    for (let received = 0; received < max && !signal.aborted; received += 1) {
      // What comes when nobody waits for it any more goes back.
      const next = await orAborted(items.next(), signal, options.timeout);
      if (next.done === true) return;
      await printLine(lineOf(next.value, options));
    }
    // The last one, too, was written.
    await items.return();
    signal.throwIfAborted();
  });
}

function lineOf(item: unknown, { raw }: { raw?: boolean }): string {
  return raw && typeof item === "string" ? item : JSON.stringify(item);
}
