// TCP echo, 50 clients with messages of 1 KiB: the CPU time that a message takes of the server's main thread. Fresh servers in each
// round, all at once; they take turns with short batches, so that what else the machine does strikes all of them.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { installedVersion } from "../peers/installed.mjs";
import { clients } from "./echo/clients.mjs";
import { pythonWith } from "./python.mjs";
import { row } from "./row.mjs";

const BASE = "node:net callbacks";
/** Rows, the server of ours in each, and its target. */
const OURS = [
  ["TCP echo, streams", "tsyncio streams", 1.1],
  ["TCP echo, protocols", "tsyncio protocols", 1.05],
];
const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const onNode = (module) => [
  process.execPath,
  ["--import", "@tsyncio/keywords/register", file("echo/server.mjs"), module],
];

function peersOf(pythons) {
  const peers = {
    [BASE]: onNode("native.mjs"),
    "tsyncio streams": onNode("tsyncio-streams.ts"),
    "tsyncio protocols": onNode("tsyncio-protocols.ts"),
    "node for await": onNode("for-await.mjs"),
  };
  if (installedVersion("@effect/platform-node") !== undefined) peers.Effect = onNode("../../peers/io/effect-echo.mjs");
  for (const [library, kinds] of Object.entries({
    asyncio: ["streams", "protocols"],
    uvloop: ["streams", "protocols"],
    trio: ["streams"],
  })) {
    const python = pythonWith(library, pythons);
    for (const kind of python === undefined ? [] : kinds)
      peers[`${library} ${kind}`] = [python, [file("echo/echo.py"), library, kind]];
  }
  return peers;
}

/** A server with its clients. */
async function start([command, args], count) {
  const child = spawn(command, args, { cwd: file(".."), stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value: port } = await lines.next();
  if (port === undefined) throw new Error(`Cannot measure: ${args.join(" ")} ended without a port`);
  const all = await clients(Number(port), count);
  const used = async () => {
    child.stdin.write("\n");
    return Number((await lines.next()).value);
  };
  return {
    /** CPU microseconds of the server for each message of a batch. */
    async batch(messages) {
      const before = await used();
      await all.exchangeAll(messages);
      return ((await used()) - before) / 1e3 / (count * messages);
    },
    end() {
      all.end();
      child.kill("SIGKILL");
    },
  };
}

export async function echo({ rounds, small, pythons, only }) {
  const asked = OURS.filter(([name]) => only.test(name));
  if (asked.length === 0) return [];
  // Turns until everything is optimised, and turns that count.
  const [count, messages, warmUp, turns] = small ? [5, 5, 0, 3] : [50, 40, 25, 50];
  const peers = peersOf(pythons);
  const figures = new Map(Object.keys(peers).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const servers = new Map();
    try {
      for (const name of figures.keys()) servers.set(name, await start(peers[name], count));
      for (let turn = 0; turn < warmUp + turns; turn++) {
        for (const [name, server] of servers) {
          const figure = await server.batch(messages);
          if (turn >= warmUp) figures.get(name).push(figure);
        }
      }
    } finally {
      for (const server of servers.values()) server.end();
    }
  }
  return asked.map(([name, ours, target]) => {
    const otherKind = ours.endsWith("streams") ? "protocols" : "streams";
    return row(name, { base: BASE, ours, target }, new Map([...figures].filter(([peer]) => !peer.endsWith(otherKind))));
  });
}
