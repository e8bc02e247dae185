import { connect } from "../../../sdk/index.ts";
import { pause } from "./expect.ts";
import type { FeatureId } from "./features.ts";
import { useTwice } from "./requests.ts";
import type { FeatureReport, Setup } from "./setup.ts";

type Finding = boolean | { readonly has: boolean; readonly detail: string };

const connectedAtLoad = attempt(() => connect("http://127.0.0.1:1"));

const PROBES: Readonly<Record<FeatureId, (setup: Setup) => Finding | Promise<Finding>>> = {
  webSocket: () => typeof WebSocket === "function",
  headers: ({ stageUrl }) => sendsHeaders(stageUrl),
  asyncDispose: () => typeof Symbol.asyncDispose === "symbol",
  using: async () => (await nativeUsing()) !== null,
  disposableStack: () => "AsyncDisposableStack" in globalThis,
  abortTimeout: () => "timeout" in AbortSignal,
  abortAny: () => "any" in AbortSignal,
  withResolvers: () => "withResolvers" in Promise,
  runningClock,
  longTimers: waitsLong,
  atLoad: () => connectedAtLoad,
  overRequests: usedByTwoRequests,
};

export async function probe(setup: Setup): Promise<FeatureReport[]> {
  const reports: FeatureReport[] = [];
  for (const [id, find] of Object.entries(PROBES)) {
    const finding = await find(setup);
    const { has, detail } = typeof finding === "boolean" ? { has: finding, detail: "" } : finding;
    reports.push({ kind: "feature", id, has, detail });
  }
  return reports;
}

export interface NativeUsing {
  withNativeUsing<Value>(
    open: () => Promise<AsyncDisposable>,
    look: () => Promise<Value>,
  ): Promise<Value>;
}

/** The module that is written with `await using`; `null` where it cannot be read. */
export async function nativeUsing(): Promise<NativeUsing | null> {
  try {
    // It lies beside the bundle that this becomes a part of, and stays out of it.
    const name = "./native_using.js";
    return (await import(name)) as NativeUsing;
  } catch {
    return null;
  }
}

function attempt(run: () => unknown): Finding {
  try {
    run();
    return true;
  } catch (error) {
    return { has: false, detail: firstSentence(error) };
  }
}

/** The stage turns every upgrade away, and remembers whether it bore the header. */
async function sendsHeaders(stageUrl: string): Promise<boolean> {
  const url = `${stageUrl.replace(/^http/, "ws")}/headers`;
  const WithOptions = WebSocket as unknown as new (url: string, options: object) => WebSocket;
  try {
    const socket = new WithOptions(url, { headers: { "X-Probe": "seen" } });
    await new Promise((resolve) => {
      socket.onerror = socket.onclose = resolve;
      setTimeout(resolve, 1_000);
    });
  } catch {
    return false;
  }
  return (await (await fetch(`${stageUrl}/headers`)).text()) === "seen";
}

/** Code that only counts: a clock that runs shows other times meanwhile, and how fine it is. */
function runningClock(): Finding {
  const times = new Set<number>();
  for (let round = 0; round < 200_000; round += 1) times.add(performance.now());
  if (times.size === 1) return { has: false, detail: "it stands still between events" };
  let finestMs = Infinity;
  let lastMs = -Infinity;
  for (const timeMs of times) {
    finestMs = Math.min(finestMs, timeMs - lastMs);
    lastMs = timeMs;
  }
  return { has: true, detail: `steps of ${finestMs < 0.001 ? "< 0.001" : finestMs.toFixed(3)} ms` };
}

async function waitsLong(): Promise<Finding> {
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const found = attempt(() => {
    timer = setTimeout(() => (isOver = true), 2 ** 31);
  });
  await pause(50);
  clearTimeout(timer);
  return isOver ? { has: false, detail: "they are over at once" } : found;
}

async function usedByTwoRequests(setup: Setup): Promise<Finding> {
  const [, second] = await useTwice(setup, "used by two requests");
  return second === null || { has: false, detail: firstSentence(second.message) };
}

function firstSentence(error: unknown): string {
  return String(error)
    .replace(/^Error: /, "")
    .replace(/\. .*$/s, "");
}
