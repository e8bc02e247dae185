import type { IncomingMessage, ServerResponse } from "node:http";
import { Browser } from "./browser.ts";
import type { Report } from "./inside/setup.ts";
import { failure, RUN_MS_MAX, TO_THE_END } from "./runtime.ts";
import { bodyOf, type Answer } from "./stage.ts";

/** What a page consists of, by path. */
export type Files = ReadonlyMap<string, string>;

/** Answers with the files of a page, and gives what the page posts to whoever waits for it. */
export class PageHost {
  readonly #files: Files;
  readonly #posts: unknown[] = [];
  #come = (): void => {};

  constructor(files: Files) {
    this.#files = files;
  }

  readonly answer: Answer = async (request, response) => {
    if (request.method === "POST") await this.#take(request, response);
    else return this.#serve(request.url ?? "", response);
    return true;
  };

  /** The next post. @throws Error when none comes in time, or the browser ends. */
  async next(browser: Browser, deadlineMs: number): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new Error("The page said nothing more in the time it has.");
      timer = setTimeout(() => reject(error), Math.max(0, deadlineMs - Date.now()));
    });
    try {
      while (this.#posts.length === 0) {
        const come = new Promise<void>((resolve) => (this.#come = resolve));
        await Promise.race([come, browser.died, late]);
      }
      return this.#posts.shift();
    } finally {
      clearTimeout(timer);
    }
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#posts.push(await bodyOf(request));
    response.end();
    this.#come();
  }

  #serve(path: string, response: ServerResponse): boolean {
    const text = this.#files.get(path);
    if (text === undefined) return false;
    const type = path.endsWith(".js") ? "text/javascript" : "text/html";
    response.writeHead(200, { "Content-Type": `${type}; charset=utf-8` }).end(text);
    return true;
  }
}

/** Runs the suite in a page of Chromium, which is at `url` of the host. */
export async function* playInPage(
  chromium: string,
  url: string,
  host: PageHost,
): AsyncGenerator<Report> {
  const deadlineMs = Date.now() + RUN_MS_MAX;
  await using browser = await Browser.open(chromium, url);
  try {
    for (;;) {
      const report = (await host.next(browser, deadlineMs)) as Report | { error: string };
      if ("error" in report) throw new Error(report.error);
      yield report;
      if (report.kind === "done") return;
    }
  } catch (error) {
    yield failure(TO_THE_END, String(error));
  }
}

/** The page that runs a module's `run`, which posts what it has to say, and posts why it could not. */
export function pageOf(module: string, told: unknown): string {
  // A `<` could end the script.
  const json = JSON.stringify(told).replaceAll("<", "\\u003c");
  return `<!doctype html>
<meta charset="utf-8">
<title>Latchwork</title>
<script type="module">
try {
  const { run } = await import(${JSON.stringify(module)});
  await run(${json});
} catch (error) {
  const body = JSON.stringify({ error: String(error?.stack ?? error) });
  await fetch("/report", { method: "POST", body });
}
</script>`;
}
