import { expect, test } from "vitest";
import { familyOf } from "../../cli/exec/family.ts";
import type { ProcessInfo } from "../../cli/exec/processes.ts";

const process = (pid: number, parent: number, terminal = "tty"): ProcessInfo => ({
  pid,
  parent,
  group: terminal === "tty" ? 2 : pid,
  terminal,
  started: String(pid),
  isForeground: terminal === "tty",
  isZombie: false,
});

test("the shell that started exec from outside the terminal is not of the command's family", () => {
  // A program without the terminal (1) has a shell in it (2), which waits for exec (3) and its command (4).
  const processes = [process(1, 0, "0"), process(2, 1), process(3, 2), process(4, 3)];
  const family = familyOf(processes, { self: 3, ownGroup: null });
  expect(family.map(({ pid }) => pid)).toEqual([4]);
});

test("what a parent that has ended left behind is", () => {
  const processes = [
    process(1, 0, "0"),
    process(2, 1),
    process(3, 2),
    process(4, 3),
    process(5, 1),
  ];
  const family = familyOf(processes, { self: 3, ownGroup: null });
  expect(family.map(({ pid }) => pid)).toEqual([4, 5]);
});
