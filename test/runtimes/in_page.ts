import type * as sdk from "../../sdk/index.ts";
import { Browser, chromiumPath } from "./browser.ts";
import { bundleSdk } from "./bundles.ts";
import { pageOf, PageHost } from "./pages.ts";
import { Stage } from "./stage.ts";

type Sdk = typeof sdk;

/**
 * Lets a web page take part: opens one in headless Chromium, on this machine's loopback, and runs something there
 * with the SDK.
 *
 * @param url the server's address, which `run` is given.
 * @param run is sent to the page as text: it uses its parameters and what pages have, nothing else of its file, and
 * no `using`. What it resolves with must be JSON.
 * @param options.timeoutMs how long all of it may take, in milliseconds; default 60,000.
 * @returns what `run` resolved with; `null` where no Chromium is installed.
 * @throws Error with the page's stack when `run` rejects, and when Chromium ends or says nothing in time.
 */
export async function inPage<Result>(
  url: string,
  run: (sdk: Sdk, url: string) => Promise<Result>,
  { timeoutMs = 60_000 }: { timeoutMs?: number } = {},
): Promise<{ readonly result: Result } | null> {
  const chromium = chromiumPath();
  if (chromium === null) return null;
  const deadlineMs = Date.now() + timeoutMs;
  const script = `import * as sdk from "/sdk.js";
const work = ${run.toString()};
export const run = async (url) => {
  const body = JSON.stringify({ result: await work(sdk, url) });
  await fetch("/report", { method: "POST", body });
};`;
  const files = new Map([
    ["/", pageOf("/script.js", url)],
    ["/script.js", script],
    ["/sdk.js", await bundleSdk()],
  ]);
  const host = new PageHost(files);
  await using stage = await Stage.open(Number(new URL(url).port), host.answer);
  await using browser = await Browser.open(chromium, `${stage.url}/`);
  const said = (await host.next(browser, deadlineMs)) as { result: Result } | { error: string };
  if ("error" in said) throw new Error(`In the page: ${said.error}`);
  return said;
}
