import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** A process of this machine, as the system tells of it. */
export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  /** Its process group. */
  readonly group: number;
  /** Its terminal; the same text for the same one. */
  readonly terminal: string;
  /** When it started. A number that is given to another process later comes with another of these. */
  readonly started: string;
  /** It has a terminal, and is what the terminal's keys speak to. */
  readonly isForeground: boolean;
  /** It has ended, and nobody has asked how. */
  readonly isZombie: boolean;
}

/** Every process that can be seen. */
export function readProcesses(): ProcessInfo[] {
  return process.platform === "linux" ? readProc() : readPs();
}

/** Without `ps`, which small container images lack. */
export function readProc(): ProcessInfo[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        return [parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"))];
      } catch {
        // It has ended since the folder was read.
        return [];
      }
    });
}

/** A line of `/proc/<pid>/stat`, as proc(5) has it. */
export function parseStat(stat: string): ProcessInfo {
  // The name of the program stands in parentheses, and may have any of them in it.
  const end = stat.lastIndexOf(")");
  const [state = "", parent, group, , terminal = "", foreground, ...rest] = stat
    .slice(end + 2)
    .split(" ");
  return {
    pid: Number.parseInt(stat, 10),
    parent: Number(parent),
    group: Number(group),
    terminal,
    started: rest[13] ?? "",
    isForeground: terminal !== "0" && foreground === group,
    isZombie: state === "Z",
  };
}

/** As macOS has it, where a `+` in the state marks the foreground. */
export function readPs(): ProcessInfo[] {
  const fields = ["pid", "ppid", "pgid", "tty", "stat", "lstart"];
  const options = fields.flatMap((field) => ["-o", `${field}=`]);
  const output = execFileSync("ps", ["-A", ...options], { encoding: "utf8" });
  return output.split("\n").flatMap((line) => {
    const [pid, parent, group, terminal, state, ...started] = line.trim().split(/\s+/);
    if (terminal === undefined || state === undefined) return [];
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        terminal,
        started: started.join(" "),
        isForeground: state.includes("+"),
        isZombie: state.startsWith("Z"),
      },
    ];
  });
}
