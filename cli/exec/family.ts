import type { ProcessInfo } from "./processes.ts";

/** What a command's processes are known by. */
export interface Household {
  /** This process, which started the command. */
  readonly self: number;
  /** The group that the command was given for itself; `null` where it shares this process's. */
  readonly ownGroup: number | null;
}

/**
 * The command, and all that it has started, as far as it can still be told.
 *
 * Children of children are found by their parents; one whose parent has ended by its group. In a group of the
 * command's own that is all there is to it. In a group that is shared with the rest of a pipeline, those are the
 * command's whose parent is none of the terminal's processes: they were left behind by a parent that has ended,
 * which the pipeline's other parts, children of the shell, were not.
 */
export function familyOf(processes: readonly ProcessInfo[], house: Household): ProcessInfo[] {
  const byPid = new Map(processes.map((each) => [each.pid, each]));
  const self = byPid.get(house.self);
  const isDescendant = (each: ProcessInfo): boolean => {
    const seen = new Set<number>();
    for (let at: ProcessInfo | undefined = each; at !== undefined; at = byPid.get(at.parent)) {
      if (at.parent === house.self) return true;
      // What is read while it changes may go round in circles.
      if (seen.has(at.pid)) return false;
      seen.add(at.pid);
    }
    return false;
  };
  const isLeftBehind = (each: ProcessInfo): boolean => {
    if (house.ownGroup !== null) return each.group === house.ownGroup;
    return each.group === self?.group && byPid.get(each.parent)?.terminal !== each.terminal;
  };
  // A shell that waits for this process is in its group too, and may have been started from outside the terminal.
  const forebears = new Set<number>([house.self]);
  for (let at = self; at !== undefined && !forebears.has(at.parent); at = byPid.get(at.parent)) {
    forebears.add(at.parent);
  }
  return processes.filter(
    (each) =>
      !forebears.has(each.pid) && !each.isZombie && (isDescendant(each) || isLeftBehind(each)),
  );
}
