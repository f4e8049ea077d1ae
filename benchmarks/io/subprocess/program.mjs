// Measures what a child process costs, by every peer in turn: node program.mjs <bare|output> <turns>, sent to the parent.
import { spawn } from "node:child_process";
import { createSubprocessExec } from "@tsyncio/node";
import { Runner, coroutine } from "tsyncio";
import { installedVersion } from "../../peers/installed.mjs";
import { threadCpu } from "../../thread-cpu.mjs";

const [mode, turns] = process.argv.slice(2);
const IN_A_TURN = 10;
const output = mode === "output";
const piped = output ? "pipe" : "ignore";

const spawned = () =>
  new Promise((resolve, reject) => {
    const child = spawn("true", [], { stdio: ["ignore", piped, piped] });
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => chunks.push(chunk));
    child.on("error", reject);
    child.on(output ? "close" : "exit", (code) => (code === 0 ? resolve() : reject(new Error(`ended with ${code}`))));
  });

const ours = coroutine(function* () {
  for (let i = 0; i < IN_A_TURN; i++) {
    const child = yield createSubprocessExec("true", [], { stdin: "ignore", stdout: piped, stderr: piped });
    if (output) yield child.communicate();
    else yield child.wait();
    if (child.returncode !== 0) throw new Error(`ended with ${child.returncode}`);
  }
});

const runner = new Runner();
const peers = {
  async "node spawn"() {
    for (let i = 0; i < IN_A_TURN; i++) await spawned();
  },
  tsyncio: () => runner.run(ours()),
};
if (installedVersion("@effect/platform-node") !== undefined)
  peers.Effect = (await import("../../peers/io/effect-subprocess.mjs")).starting(IN_A_TURN, output);

const figures = Object.fromEntries(Object.keys(peers).map((name) => [name, []]));
const warmUp = Number(turns) >> 1;
for (let turn = 0; turn < warmUp + Number(turns); turn++) {
  for (const [name, run] of Object.entries(peers)) {
    const before = threadCpu();
    await run();
    const used = (threadCpu() - before) / 1e3 / IN_A_TURN;
    if (turn >= warmUp) figures[name].push(used);
  }
}
process.send(figures, () => process.exit());
