import { fork, type ChildProcess } from "node:child_process";
import { printFindings } from "../theatre/finding.ts";
import type { Report, Scene } from "./scene.ts";

const ACTOR = new URL("./actor.ts", import.meta.url);

/** Plays a scene in processes of its own, printing what they report as it comes. True if it kept its promise. */
export async function play(name: string, scene: Scene, url: string): Promise<boolean> {
  console.log(`\n${scene.title}: ${scene.promise}`);
  const startedAtNs = process.hrtime.bigint();
  const reports: Report[] = [];
  const actors = scene.processes.map((tasks) => {
    const actor = fork(ACTOR, [url, name, ...tasks.map(String)], { serialization: "advanced" });
    actor.on("message", (message) => {
      const report = message as Report;
      reports.push(report);
      console.log(line(report, { startedAtNs, pid: actor.pid ?? 0 }));
    });
    return actor;
  });
  const codes = await Promise.all(actors.map(exitCode));
  return printFindings([
    { text: "every process ended well", good: codes.every((code) => code === 0) },
    ...scene.judge(reports),
  ]);
}

function line(report: Report, { startedAtNs, pid }: { startedAtNs: bigint; pid: number }): string {
  const seconds = (Number(report.atNs - startedAtNs) / 1e9).toFixed(3).padStart(7);
  const grant = report.what === "enters" ? `  (token ${report.token})` : "";
  const note = report.note === "" ? "" : ` ${report.note}`;
  return `${seconds} s  process ${pid}  task ${String(report.task).padStart(2)} ${report.what}${note}${grant}`;
}

function exitCode(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
}
