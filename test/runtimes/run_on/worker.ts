/** Runs the suite in a Worker: the setup is a request's body, the reports are the lines of its response. */
import { runSuite } from "../inside/run_suite.ts";
import { use } from "../inside/requests.ts";
import type { Setup } from "../inside/setup.ts";

const NEW_LINE = "\n";

export default {
  async fetch(request: Request): Promise<Response> {
    const body: unknown = await request.json();
    if (new URL(request.url).pathname !== "/suite") {
      return Response.json(await use(body as Parameters<typeof use>[0]));
    }
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const encoder = new TextEncoder();
    let written: Promise<unknown> = Promise.resolve();
    void runSuite(body as Setup, (report) => {
      written = writer.write(encoder.encode(JSON.stringify(report) + NEW_LINE));
    })
      .then(() => written)
      .then(() => writer.close());
    return new Response(readable);
  },
};
