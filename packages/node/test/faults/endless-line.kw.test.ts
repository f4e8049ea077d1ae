import { type StreamReader, type StreamWriter, startServer } from "@tsyncio/node";
import { sleep } from "tsyncio";
import { expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { takeHeard } from "../../../../conformance/program.ts";
import { BadPeer, written } from "./bad-peer.ts";
import { answerLines, ask } from "./line-server.ts";

const GIBIBYTE = 1 << 30;
const PIECE = Buffer.alloc(1 << 20, "x");
/** What may come and go meanwhile, without any of it being kept. */
const GARBAGE = 256 << 20;

test("a client that sends 1 GiB without a newline is thrown out at the limit of a line", () =>
  nodeProgram(async (given) => {
    await using server = await startServer(answerLines, "127.0.0.1", 0);
    using peer = await BadPeer.to(server);
    const { localPort } = peer.socket;
    let sent = 0;
    for (; sent < GIBIBYTE && !peer.closed; sent += PIECE.length) {
      peer.socket.write(PIECE);
      await sleep(1);
    }
    expect(peer.closed).toBe(true);
    expect(sent).toBeLessThan(GIBIBYTE / 2);
    expect(peer.received).toBe("");
    expect(takeHeard(given)).toEqual([
      `Unhandled exception in the handler of a client: RangeError: Cannot read a line from 127.0.0.1:${localPort}: it is longer than the limit of 65536 bytes; it was dropped`,
    ]);
    expect(await ask(server, "hello")).toBe("you said hello");
  }));

test("a server that bears with long lines reads 1 GiB without a newline in little memory, and then the next line", () =>
  nodeProgram(async () => {
    const before = process.memoryUsage().rss;
    let most = before;
    let tooLong = 0;
    const bear = async (reader: StreamReader, writer: StreamWriter) => {
      await using _ = writer;
      for (;;) {
        try {
          const line = await reader.readline();
          if (line.length === 0) return;
          if (!line.includes("x")) await writer.write(`after ${tooLong > 1000 ? "very much" : "little"}: ${line}`);
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          tooLong++;
          most = Math.max(most, process.memoryUsage.rss());
        }
      }
    };
    await using server = await startServer(bear, "127.0.0.1", 0);
    using peer = await BadPeer.to(server);
    for (let sent = 0; sent < GIBIBYTE; sent += PIECE.length) await written(peer.socket, PIECE);
    peer.socket.end("x\nhello\n");
    await peer.until(() => peer.ended);
    expect(peer.received).toBe("after very much: hello\n");
    expect(most - before).toBeLessThan(GARBAGE);
  }));
