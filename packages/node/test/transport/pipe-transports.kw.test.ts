import { spawn } from "node:child_process";
import { PassThrough, Readable, Writable } from "node:stream";
import {
  BaseProtocol,
  StreamReader,
  StreamReaderProtocol,
  StreamWriter,
  connectReadPipe,
  connectWritePipe,
} from "@tsyncio/node";
import { CancelledError, ContextVar, RuntimeError, createTask, getRunningLoop, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { withPipe } from "../../../../conformance/cpython/pipes/pipe.ts";
import { Recorder } from "../../../../conformance/cpython/transports/recorder.ts";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { takeHeard } from "../../../../conformance/program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { startProgram } from "../start-program.ts";

const user = new ContextVar<string>("user", { default: "nobody" });

describe("a pipe that is read", () => {
  test("calls its protocol on the loop, in the context in which it was made", () =>
    withPipe(async ({ near, far }, { loop }) => {
      const seen: unknown[] = [];
      class Looking extends Recorder {
        override dataReceived(data: Uint8Array) {
          seen.push([getRunningLoop() === loop, user.get()]);
          super.dataReceived(data);
        }
        override connectionLost(error: unknown) {
          seen.push(user.get());
          super.connectionLost(error);
        }
      }
      user.set("ann");
      const [, { heard }] = await connectReadPipe(() => new Looking(), near);
      user.set("ben");
      far.socket.end("data");
      await heard.until(() => heard.lost);
      expect(seen).toEqual([[true, "ann"], "ann"]);
    }));

  test("keeps what it has read when its protocol pauses, and gives it in order", () =>
    withPipe(async ({ near, far }) => {
      class Pausing extends Recorder {
        override dataReceived(data: Uint8Array) {
          super.dataReceived(data);
          near.emit("data", Buffer.from("out of turn "));
          transport.pauseReading();
        }
      }
      const protocol = new Pausing();
      const { heard } = protocol;
      const [transport] = await connectReadPipe(() => protocol, near);
      far.socket.write("first ");
      await heard.until(() => heard.received !== "");
      // Somebody else makes the stream flow, as Node does when a child exits.
      far.socket.end("second");
      near.resume();
      await sleep(20);
      expect([heard.received, heard.lost, String(transport)]).toEqual([
        "first ",
        false,
        "<ReadPipeTransport open read=idle>",
      ]);
      const next = new Recorder();
      transport.setProtocol(next);
      expect(transport.getProtocol()).toBe(next);
      transport.resumeReading();
      await next.heard.until(() => next.heard.lost);
      expect(next.heard.log).toEqual(["data out of turn second", "eof", ["lost", null]]);
    }));

  test("reports what its protocol throws, and goes on", () =>
    withPipe(async ({ near, far }, given) => {
      class Failing extends Recorder {
        override dataReceived(data: Uint8Array) {
          super.dataReceived(data);
          throw new RangeError("unwell");
        }
        override eofReceived(): never {
          throw new RangeError("at the end");
        }
      }
      const [, { heard }] = await connectReadPipe(() => new Failing(), near);
      far.socket.write("one");
      await heard.until(() => heard.received === "one");
      far.socket.end("two");
      await heard.until(() => heard.lost);
      expect([heard.received, heard.error]).toEqual(["onetwo", null]);
      expect(takeHeard(given)).toEqual([
        "Exception in protocol.dataReceived(): RangeError: unwell",
        "Exception in protocol.dataReceived(): RangeError: unwell",
        "Exception in callback eofReceived(): RangeError: at the end",
      ]);
    }));

  test("holds its writer back while nobody reads from a stream that it feeds", () =>
    nodeProgram(async () => {
      const child = spawn("head", ["-c", "1000000", "/dev/zero"], { stdio: ["ignore", "pipe", "inherit"] });
      const reader = new StreamReader();
      await connectReadPipe(() => new StreamReaderProtocol(reader), child.stdout);
      await sleep(100);
      expect([child.exitCode, String(reader).includes(" paused")]).toEqual([null, true]);
      expect((await reader.read()).length).toBe(1_000_000);
    }));

  test("may be any stream of bytes, and no other", () =>
    nodeProgram(async () => {
      const [, { heard }] = await connectReadPipe(
        () => new Recorder(),
        Readable.from([Buffer.from("a"), Buffer.from("b")], { objectMode: false }),
      );
      await heard.until(() => heard.lost);
      expect(heard.log).toEqual(["made", "data ab", "eof", ["lost", null]]);
      const connect = (stream: unknown) => () => connectReadPipe(() => new Recorder(), stream as Readable);
      expect(connect("stdin")).toThrow(
        new TypeError("Cannot connect read pipe: expected a readable stream, received stdin"),
      );
      expect(connect(Readable.from(["a"]))).toThrow(
        new TypeError("Cannot connect read pipe: the stream must give bytes, and gives objects"),
      );
      expect(connect(new PassThrough({ encoding: "utf8" }))).toThrow(
        new TypeError("Cannot connect read pipe: the stream must give bytes, and gives text"),
      );
      expect(connect(new PassThrough().destroy())).toThrow(
        new RuntimeError("Cannot connect read pipe: the stream is closed already"),
      );
    }));

  test("whose connecting is cancelled is closed", () =>
    withPipe(async ({ near }, { loop }) => {
      const protocol = new Recorder();
      const task = createTask(connectReadPipe(() => protocol, near));
      await sleep(0);
      task.cancel();
      expect(await thrownBy(task)).toBeInstanceOf(CancelledError);
      await protocol.heard.until(() => protocol.heard.lost);
      expect([protocol.heard.log, near.destroyed, loop.resources.size]).toEqual([["made", ["lost", null]], true, 0]);
    }));
});

describe("a pipe that is written", () => {
  test("tells its protocol when to stop and when to go on", () =>
    withPipe(async ({ near, far }) => {
      far.socket.pause();
      const [transport, { heard }] = await connectWritePipe(() => new Recorder(), near);
      expect(transport.getWriteBufferLimits()).toEqual([16_384, 65_536]);
      transport.setWriteBufferLimits({ high: 400_000 });
      expect(transport.getWriteBufferLimits()).toEqual([100_000, 400_000]);
      for (let written = 0; heard.log.length === 1 && written < 10_000_000; written += 100_000) {
        transport.write(Buffer.alloc(100_000));
        await sleep(0);
      }
      expect([heard.log, transport.getWriteBufferSize() > 400_000]).toEqual([["made", "pauseWriting"], true]);
      far.socket.resume();
      await heard.until(() => heard.log.includes("resumeWriting"));
      expect(transport.getWriteBufferSize()).toBeLessThanOrEqual(100_000);
      transport.close();
      await heard.until(() => heard.lost);
      expect(heard.log).toEqual(["made", "pauseWriting", "resumeWriting", ["lost", null]]);
    }));

  test("is written through a StreamWriter too", () =>
    withPipe(async ({ near, far }) => {
      const [transport, protocol] = await connectWritePipe(() => new StreamReaderProtocol(new StreamReader()), near);
      const writer = new StreamWriter(transport, protocol);
      far.socket.pause();
      const writing = createTask((async () => await writer.write("x".repeat(1_000_000)))());
      await sleep(10);
      expect(writing.done()).toBe(false);
      far.socket.resume();
      await writing;
      writer.close();
      await writer.waitClosed();
      await far.until(() => far.ended);
      expect(far.received.length).toBe(1_000_000);
    }));

  test("may be any stream of bytes, which is ended in order, and no other", () =>
    nodeProgram(async () => {
      const log: string[] = [];
      const stream = new Writable({
        write: (data, _, done) => void setTimeout(() => done(void log.push(String(data))), 5),
        final: (done) => done(void log.push("the end")),
      });
      const [transport, { heard }] = await connectWritePipe(() => new Recorder(), stream);
      transport.writelines([Buffer.from("a"), Buffer.from("b")]);
      transport.write(Buffer.from("c"));
      transport.close();
      await heard.until(() => heard.lost);
      await sleep(10);
      expect([log, stream.destroyed]).toEqual([["ab", "c", "the end"], true]);
      const connect = (other: unknown) => () => connectWritePipe(() => new BaseProtocol(), other as Writable);
      expect(connect(null)).toThrow(
        new TypeError("Cannot connect write pipe: expected a writable stream, received null"),
      );
      expect(connect(new Writable({ objectMode: true }))).toThrow(
        new TypeError("Cannot connect write pipe: the stream must take bytes, and takes objects"),
      );
      expect(connect(stream)).toThrow(new RuntimeError("Cannot connect write pipe: the stream is closed already"));
      expect(() => transport.write("text" as never)).toThrow(TypeError);
    }));

  test("whose stream fails with an error of its own is reported", () =>
    nodeProgram(async (given) => {
      const error = new Error("full");
      const stream = new Writable({ write: (_, __, done) => done(error) });
      const [transport, { heard }] = await connectWritePipe(() => new Recorder(), stream);
      transport.write(Buffer.from("a"));
      await heard.until(() => heard.lost);
      expect([heard.error, takeHeard(given)]).toEqual([error, ["Fatal write error on pipe transport: Error: full"]]);
    }));
});

test("the standard streams of a program are pipes as well", async () => {
  const { child, printed, ended } = startProgram(
    `
    const { coroutine, run } = tsyncio;
    const { StreamReader, StreamReaderProtocol, StreamWriter, connectReadPipe, connectWritePipe } = node;
    await run(coroutine(function* main() {
      const reader = new StreamReader();
      yield* connectReadPipe(() => new StreamReaderProtocol(reader), process.stdin);
      const [transport, protocol] = yield* connectWritePipe(() => new StreamReaderProtocol(new StreamReader()), process.stdout);
      const writer = new StreamWriter(transport, protocol);
      yield writer.write("ready\\n");
      for (;;) {
        const line = yield* reader.readline();
        if (line.length === 0) break;
        yield writer.write("you said " + line);
      }
    }));
  `,
    [],
    "pipe",
  );
  await printed("ready");
  child.stdin?.write("one\n");
  await printed("you said one");
  child.stdin?.end("two\n");
  expect(await ended).toMatchObject({ code: 0, stdout: "ready\nyou said one\nyou said two\n", stderr: "" });
});
