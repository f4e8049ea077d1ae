// A child process that does nothing (`true`), one after the other: the CPU time that one takes of the main thread. To start one, the
// system copies the tables of a program's memory: so all peers are measured in one process, in turn.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { row } from "./row.mjs";

const file = (name) => fileURLToPath(new URL(name, import.meta.url));

/** What a program measures, of a fresh process. */
const measured = (program, args) =>
  new Promise((resolve, reject) => {
    const child = fork(file(program), args, { cwd: file("..") });
    child.once("message", resolve);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`Cannot measure: ${program} ended with ${code}`)));
  });

export async function subprocess({ rounds, small, only }) {
  const rows = [];
  for (const [name, mode] of [
    ["subprocess `true`, no pipes", "bare"],
    ["subprocess `true`, output read", "output"],
  ]) {
    if (!only.test(name)) continue;
    const figures = new Map();
    for (let round = 0; round < rounds; round++) {
      for (const [peer, some] of Object.entries(await measured("subprocess/program.mjs", [mode, small ? "2" : "40"])))
        figures.set(peer, [...(figures.get(peer) ?? []), ...some]);
    }
    rows.push(row(name, { base: "node spawn", ours: "tsyncio", target: 1.15 }, figures));
  }
  return rows;
}
