import { type StreamReader, type StreamWriter, startServer } from "@tsyncio/node";
import { TimeoutError, createTask, sleep, timeout } from "tsyncio";
import { expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { BadPeer } from "./bad-peer.ts";
import { ask } from "./line-server.ts";

const PIECE = 1 << 16;
/** More than the buffers of the system take on the way there and back. */
const MUCH = 64 << 20;
/** The high mark, and the piece that goes beyond it. */
const MOST = 65_536 + PIECE;

/** Waits until `figure` is not 0 and changes no more, and gives it. */
async function settled(figure: () => number) {
  for (let last = 0, same = 0; last === 0 || same < 4;) {
    await sleep(25);
    same = figure() === last ? same + 1 : 0;
    last = figure();
  }
  return figure();
}

test("a client that sends and sends, and never reads what comes back, is held back", () =>
  nodeProgram(async () => {
    let echoed = 0;
    let buffered = 0;
    const echo = async (reader: StreamReader, writer: StreamWriter) => {
      await using _ = writer;
      for (;;) {
        const data = await reader.read(PIECE);
        if (data.length === 0) return;
        await writer.write(data);
        echoed += data.length;
        buffered = Math.max(buffered, writer.transport.getWriteBufferSize());
      }
    };
    await using server = await startServer(echo, "127.0.0.1", 0);
    using peer = await BadPeer.to(server);
    peer.socket.pause();
    for (let sent = 0; sent < MUCH; sent += PIECE) peer.socket.write(Buffer.alloc(PIECE));
    expect(await settled(() => echoed)).toBeLessThan(MUCH);
    expect(buffered).toBeLessThanOrEqual(MOST);
    expect(peer.socket.writableLength).toBeGreaterThan(0);
    // Nobody else notices.
    expect(await ask(server, "hello")).toBe("hello");
    // And when it reads after all, it gets everything.
    peer.socket.end();
    peer.socket.resume();
    await peer.until(() => peer.ended);
    expect(peer.received.length).toBe(MUCH);
  }));

test("what a server makes for a client that never reads is made no further, and a time limit ends it", () =>
  nodeProgram(async () => {
    let made = 0;
    const rows = function* () {
      for (;;) yield `${made++} ${"x".repeat(1000)}\n`;
    };
    let outcome: unknown;
    const tell = async (_: StreamReader, writer: StreamWriter) => {
      await using _closing = writer;
      try {
        for (const row of rows()) await timeout(200, () => writer.write(row));
      } catch (error) {
        outcome = error;
        writer.transport.abort();
      }
    };
    await using server = await startServer(tell, "127.0.0.1", 0);
    using peer = await BadPeer.to(server);
    peer.socket.pause();
    while (outcome === undefined) await sleep(5);
    expect(outcome).toBeInstanceOf(TimeoutError);
    expect(made).toBeLessThan(MUCH / 1000);
    const before = made;
    await sleep(20);
    expect(made).toBe(before);
  }));

test("several tasks that write to a client which never reads all wait, and all go on when it reads", () =>
  nodeProgram(async () => {
    const done: number[] = [];
    const serve = async (_: StreamReader, writer: StreamWriter) => {
      await using _closing = writer;
      const write = async (n: number) => {
        await writer.write(Buffer.alloc(MUCH / 4));
        done.push(n);
      };
      const writing = [0, 1, 2, 3].map((n) => createTask(write(n)));
      for (const task of writing) await task;
    };
    await using server = await startServer(serve, "127.0.0.1", 0);
    using peer = await BadPeer.to(server);
    peer.socket.pause();
    await sleep(50);
    expect(done).toEqual([]);
    peer.socket.resume();
    await peer.until(() => peer.ended);
    expect([done, peer.received.length]).toEqual([[0, 1, 2, 3], MUCH]);
  }));
