import { type StreamReader, type StreamWriter, startServer } from "@tsyncio/node";
import { Semaphore, TimeoutError, createTask, gather, getRunningLoop, sleep, timeout } from "tsyncio";
import { expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { BadPeer } from "./bad-peer.ts";
import { ask } from "./line-server.ts";

const SLOW = 200;
const LINE_LIMIT = 1000;

/** A client that keeps its connection by a byte now and then, and never ends its line. */
async function dawdle(peer: BadPeer) {
  while (!peer.closed) {
    peer.socket.write("z");
    await sleep(50);
  }
}

test("clients that drip a line are thrown out at its time limit, and those who behave are served meanwhile", () =>
  nodeProgram(async () => {
    const loop = getRunningLoop();
    let thrownOut = 0;
    const serve = async (reader: StreamReader, writer: StreamWriter) => {
      await using _ = writer;
      try {
        for (;;) {
          const line = await timeout(LINE_LIMIT, () => reader.readline());
          if (line.length === 0) return;
          await timeout(LINE_LIMIT, () => writer.write(`you said ${line}`));
        }
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
        thrownOut++;
      }
    };
    await using server = await startServer(serve, "127.0.0.1", 0);
    const peers: BadPeer[] = [];
    for (let n = 0; n < SLOW; n++) peers.push(await BadPeer.to(server));
    const dawdling = peers.map((peer) => createTask(dawdle(peer)));
    let asked = 0;
    const end = loop.time() + 10_000;
    while (thrownOut < SLOW && loop.time() < end) {
      expect(await ask(server, `${asked}`)).toBe(`you said ${asked}`);
      asked++;
      await sleep(5);
    }
    expect(thrownOut).toBe(SLOW);
    expect(asked).toBeGreaterThan(10);
    for (const peer of peers) {
      await peer.until(() => peer.ended || peer.closed);
      peer.socket.destroy();
    }
    await gather(dawdling);
  }));

test("a server that serves a limited number at a time gives a place that a dawdler has lost to who waits", () =>
  nodeProgram(async () => {
    const places = new Semaphore(2);
    const log: string[] = [];
    let begun = 0;
    const serve = async (reader: StreamReader, writer: StreamWriter) => {
      await using _ = writer;
      using _place = await places.acquire();
      begun++;
      try {
        const line = await timeout(50, () => reader.readline());
        log.push(`served ${String(line).trimEnd()}`);
        writer.write(`you said ${line}`);
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
        log.push("thrown out");
      }
    };
    await using server = await startServer(serve, "127.0.0.1", 0);
    const dawdlers = [await BadPeer.to(server), await BadPeer.to(server)];
    for (const peer of dawdlers) peer.socket.write("z");
    while (begun < 2) await sleep(1);
    expect(await gather(["a", "b", "c"].map((line) => ask(server, line)))).toEqual(["you said a", "you said b", "you said c"]); // oxfmt-ignore
    for (const peer of dawdlers) {
      await peer.until(() => peer.ended || peer.closed);
      peer.socket.destroy();
    }
    expect(log.toSorted()).toEqual(["served a", "served b", "served c", "thrown out", "thrown out"]);
    expect(log[0]).toBe("thrown out");
  }));
