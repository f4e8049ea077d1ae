import { type StreamReader, type StreamWriter, openConnection, startServer } from "@tsyncio/node";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { TimeoutError, createTask, moveOnAfter, sleep, timeout } from "tsyncio";
import { expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { BadPeer } from "./bad-peer.ts";
import { answerLines } from "./line-server.ts";

test("a client that will say no more gets every answer, and then the end", () =>
  nodeProgram(async () => {
    await using server = await startServer(answerLines, "127.0.0.1", 0);
    using peer = await BadPeer.to(server);
    const lines = Array.from({ length: 1000 }, (_, n) => `line ${n}\n`);
    peer.socket.end(lines.join(""));
    await peer.until(() => peer.ended);
    expect(peer.received).toBe(lines.map((line) => `you said ${line}`).join(""));
  }));

test("a client that has ended its half can be sent to as long as it stays", () =>
  nodeProgram(async () => {
    const talkOn = async (reader: StreamReader, writer: StreamWriter) => {
      await using _ = writer;
      expect(String(await reader.read())).toBe("go on");
      for (let n = 0; n < 5; n++) {
        await sleep(5);
        await writer.write(`${n}`);
      }
    };
    await using server = await startServer(talkOn, "127.0.0.1", 0);
    const [reader, writer] = await openConnection("127.0.0.1", server.sockets[0].port);
    writer.write("go on");
    writer.writeEof();
    expect(String(await reader.read())).toBe("01234");
    writer.close();
    await writer.waitClosed();
  }));

/** A server in a process of its own, which is stopped: its system still accepts connections, and nobody is there any more. */
async function withFrozenServer(use: (port: number) => Promise<void>) {
  const program = `require("net").createServer((socket) => socket.write("hello\\n")).listen(0, "127.0.0.1", function () { console.log(this.address().port) })`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  try {
    const [port] = (await once(child.stdout, "data")) as [Buffer];
    child.kill("SIGSTOP");
    await use(Number(port));
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
}

test("a peer that is frozen can be waited for with a time limit, and left", () =>
  nodeProgram(() =>
    withFrozenServer(async (port) => {
      const [reader, writer] = await openConnection("127.0.0.1", port, { timeout: "5s" });
      expect(await thrownBy(timeout(20, () => reader.readline()))).toBeInstanceOf(TimeoutError);
      const piece = Buffer.alloc(1 << 20);
      let taken = 0;
      const writing = timeout(100, async () => {
        for (;;) {
          await writer.write(piece);
          taken++;
        }
      });
      expect(await thrownBy(writing)).toBeInstanceOf(TimeoutError);
      // The system takes some megabytes, and no more.
      expect(taken).toBeLessThan(64);
      // In order it cannot be closed: the peer takes nothing.
      writer.close();
      const closing = createTask(writer.waitClosed());
      await sleep(20);
      expect([writer.isClosing(), closing.done()]).toEqual([true, false]);
      writer.transport.abort();
      await closing;
    }),
  ));

test("a scope that is over leaves a frozen peer at once: what is not sent is dropped", () =>
  nodeProgram(() =>
    withFrozenServer(async (port) => {
      let writer: StreamWriter | undefined;
      const { cancelled } = await moveOnAfter(20, async () => {
        [, writer] = await openConnection("127.0.0.1", port);
        await using _ = writer;
        await writer.write(Buffer.alloc(64 << 20));
      });
      expect(cancelled).toBe(true);
      await writer?.waitClosed();
    }),
  ));

test("closing can be limited: what a frozen peer has not taken by then is dropped", () =>
  nodeProgram(() =>
    withFrozenServer(async (port) => {
      const [, writer] = await openConnection("127.0.0.1", port);
      writer.write(Buffer.alloc(64 << 20));
      const { cancelled } = await moveOnAfter(20, () => writer[Symbol.asyncDispose]());
      expect([cancelled, writer.isClosing()]).toEqual([true, true]);
      await writer.waitClosed();
    }),
  ));

test("the death of a process is the end of its connections, and what it sent before is read", () =>
  nodeProgram(async () => {
    const program = `require("net").createServer((socket) => { socket.write("last words"); socket.resume() }).listen(0, "127.0.0.1", function () { console.log(this.address().port) })`;
    const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    const [port] = (await once(child.stdout, "data")) as [Buffer];
    const [reader, writer] = await openConnection("127.0.0.1", Number(port));
    await using _ = writer;
    const words = reader.read();
    await sleep(20);
    child.kill("SIGKILL");
    expect(String(await words)).toBe("last words");
    await exited;
  }));
