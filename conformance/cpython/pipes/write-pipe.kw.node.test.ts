import { connectWritePipe } from "@tsyncio/node";
import { sleep } from "tsyncio";
import { expect, test, vi } from "vitest";
import { type Recorder as PipeRecorder, Recorder } from "../transports/recorder.ts";
import { type Pipe, withPipe } from "./pipe.ts";

const LOOP = "test_events.py::EventLoopTestsMixin";
const UNIX = "test_unix_events.py::UnixWritePipeTransportTests";

const DATA = Buffer.from("data");
const BROKEN = expect.objectContaining({ code: expect.stringMatching(/^(EPIPE|ECONNRESET)$/) });

/** A transport that writes into the pipe, and what its protocol hears. */
async function writing({ near }: Pipe) {
  const [transport, { heard }] = await connectWritePipe(() => new Recorder(), near);
  return { transport, heard };
}

/** The same when nobody reads, with more written than the pipe takes. Gives how much that is. */
async function stuffed(pipe: Pipe) {
  pipe.far.socket.pause();
  const made = await writing(pipe);
  const piece = Buffer.alloc(1 << 20, "x");
  let written = 0;
  for (; made.transport.getWriteBufferSize() === 0 || written === 0; written += piece.length) {
    made.transport.write(piece);
    await sleep(1);
  }
  expect(made.heard.log).toEqual(["made", "pauseWriting"]);
  return { ...made, written };
}

/** Whether the protocol was told that the connection is lost, and the pipe is closed. */
function gone(pipe: Pipe, heard: PipeRecorder["heard"], error: unknown): void {
  expect(heard.log.at(-1)).toEqual(["lost", error]);
  expect(heard.log.filter((event) => Array.isArray(event) && event[0] === "lost").length).toBe(1);
  expect(pipe.near.writable).toBe(false);
}

test(`${LOOP}.test_write_pipe: what is written into a pipe comes out at its other end; a transport that is closed after that has gone loses its connection`, () =>
  withPipe(async (pipe, { loop }) => {
    const protocol = new Recorder();
    const [transport, made] = await connectWritePipe(() => protocol, pipe.near);
    expect([made, protocol.transport, protocol.heard.log]).toEqual([protocol, transport, ["made"]]);
    const { far } = pipe;
    transport.write(Buffer.from("1"));
    await far.until(() => far.received.length >= 1);
    transport.write(Buffer.from("2345"));
    await far.until(() => far.received.length >= 5);
    expect([far.received, protocol.heard.log]).toEqual(["12345", ["made"]]);
    far.socket.destroy();
    expect(transport.getExtraInfo("pipe")).toBe(pipe.near);
    transport.close();
    await protocol.heard.until(() => protocol.heard.lost);
    gone(pipe, protocol.heard, null);
    expect(loop.resources.size).toBe(0);
  }));

test(`${LOOP}.test_write_pipe_disconnect_on_close: when the other end is closed, the connection is lost`, () =>
  withPipe(async (pipe) => {
    const { transport, heard } = await writing(pipe);
    transport.write(Buffer.from("1"));
    await pipe.far.until(() => pipe.far.received === "1");
    pipe.far.socket.destroy();
    await heard.until(() => heard.lost);
    gone(pipe, heard, null);
  }));

test(`${UNIX}.test_ctor: connectionMade is called, and then the transport is there`, () =>
  withPipe(async (pipe) => {
    const { transport, heard } = await writing(pipe);
    expect([heard.log, transport.isClosing(), transport.getWriteBufferSize()]).toEqual([["made"], false, 0]);
  }));

test(`${UNIX}.test_can_write_eof: a pipe can be ended`, () =>
  withPipe(async (pipe) => {
    const { transport } = await writing(pipe);
    expect(transport.canWriteEof()).toBe(true);
  }));

test(`${UNIX}.test_write: what is written is sent at once, and nothing of it stays buffered`, () =>
  withPipe(async (pipe) => {
    const { transport, heard } = await writing(pipe);
    transport.write(DATA);
    await pipe.far.until(() => pipe.far.received === "data");
    expect([transport.getWriteBufferSize(), heard.log]).toEqual([0, ["made"]]);
  }));

test(`${UNIX}.test_write_no_data: writing nothing does nothing`, () =>
  withPipe(async (pipe) => {
    const { transport } = await writing(pipe);
    const write = vi.spyOn(pipe.near, "write");
    transport.write(Buffer.alloc(0));
    expect([transport.getWriteBufferSize(), write.mock.calls]).toEqual([0, []]);
    transport.write(DATA);
    await pipe.far.until(() => pipe.far.received !== "");
    expect(pipe.far.received).toBe("data");
  }));

test(`${UNIX}.test_write_err: a write that fails loses the connection; later writes are dropped, and after some a warning says so`, () =>
  withPipe(async (pipe) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { transport, heard } = await writing(pipe);
    pipe.far.socket.destroy();
    transport.write(DATA);
    await heard.until(() => heard.lost);
    gone(pipe, heard, BROKEN);
    expect(transport.getWriteBufferSize()).toBe(0);
    for (let i = 0; i < 4; i++) transport.write(DATA);
    expect(warn.mock.calls).toEqual([]);
    for (let i = 0; i < 4; i++) transport.write(DATA);
    expect(warn.mock.calls).toEqual([
      [
        "tsyncio: <WritePipeTransport closed bufsize=0> is closed, and is still written to; look at isClosing() or connectionLost()",
      ],
    ]);
    warn.mockRestore();
  }));

test(`${UNIX}.test_write_close: what is written after the other end was closed is dropped`, () =>
  withPipe(async (pipe) => {
    const { transport, heard } = await writing(pipe);
    pipe.far.socket.destroy();
    await heard.until(() => heard.lost);
    transport.write(DATA);
    transport.write(DATA);
    await sleep(20);
    expect([transport.getWriteBufferSize(), heard.log]).toEqual([0, ["made", ["lost", null]]]);
  }));

test(`${UNIX}.test__read_ready: the end of the other side closes the transport`, () =>
  withPipe(async (pipe, { loop }) => {
    const { transport, heard } = await writing(pipe);
    pipe.far.socket.end();
    await heard.until(() => heard.lost);
    expect([transport.isClosing(), loop.resources.size]).toEqual([true, 0]);
    gone(pipe, heard, null);
  }));

test(`${UNIX}.test__write_ready_err: when what is buffered cannot be sent, the protocol gets the error, and nobody else`, () =>
  withPipe(async (pipe) => {
    const { transport, heard } = await stuffed(pipe);
    pipe.far.socket.destroy();
    await heard.until(() => heard.lost);
    gone(pipe, heard, BROKEN);
    expect([transport.isClosing(), transport.getWriteBufferSize()]).toEqual([true, 0]);
  }));

test(`${UNIX}.test__write_ready_closing: a transport that is closing loses its connection when everything is sent`, () =>
  withPipe(async (pipe) => {
    const { transport, heard, written } = await stuffed(pipe);
    transport.close();
    await sleep(20);
    expect([transport.isClosing(), heard.lost]).toEqual([true, false]);
    pipe.far.socket.resume();
    await heard.until(() => heard.lost);
    gone(pipe, heard, null);
    await pipe.far.until(() => pipe.far.ended);
    expect(pipe.far.received.length).toBe(written);
  }));

test(`${UNIX}.test_abort: abort() drops what is buffered`, () =>
  withPipe(async (pipe) => {
    const { transport, heard, written } = await stuffed(pipe);
    transport.abort();
    expect([transport.isClosing(), transport.getWriteBufferSize(), heard.lost]).toEqual([true, 0, false]);
    await sleep(0);
    gone(pipe, heard, null);
    pipe.far.socket.resume();
    await pipe.far.until(() => pipe.far.closed || pipe.far.ended);
    expect(pipe.far.received.length).toBeLessThan(written);
  }));

test(`${UNIX}.test__call_connection_lost: when connectionLost has been called the pipe is closed`, () =>
  withPipe(async (pipe, { loop }) => {
    const { transport, heard } = await writing(pipe);
    transport.close();
    expect([pipe.near.writable, loop.resources.size]).toEqual([true, 1]);
    await sleep(0);
    gone(pipe, heard, null);
    expect(loop.resources.size).toBe(0);
    await pipe.far.until(() => pipe.far.ended);
    expect(pipe.far.received).toBe("");
  }));

test(`${UNIX}.test__call_connection_lost_with_err: the pipe is closed after an error as well`, () =>
  withPipe(async (pipe, { loop, heard: told }) => {
    const { heard } = await writing(pipe);
    const error = new Error("it is stopped up");
    pipe.near.destroy(error);
    await heard.until(() => heard.lost);
    gone(pipe, heard, error);
    expect(loop.resources.size).toBe(0);
    expect(told.splice(0)).toMatchObject([{ message: "Fatal write error on pipe transport", exception: error }]);
  }));

test(`${UNIX}.test_close: closing ends the pipe, and closing twice is closing once`, () =>
  withPipe(async (pipe) => {
    const { transport, heard } = await writing(pipe);
    transport.close();
    transport.close();
    await sleep(0);
    transport.close();
    gone(pipe, heard, null);
    await pipe.far.until(() => pipe.far.ended);
  }));

test(`${UNIX}.test_close_closing: closing after writeEof() does nothing`, () =>
  withPipe(async (pipe) => {
    const { transport, heard, written } = await stuffed(pipe);
    transport.writeEof();
    transport.close();
    await sleep(20);
    expect(heard.lost).toBe(false);
    pipe.far.socket.resume();
    await pipe.far.until(() => pipe.far.ended);
    gone(pipe, heard, null);
    expect(pipe.far.received.length).toBe(written);
  }));

test(`${UNIX}.test_write_eof: writeEof() closes a pipe with nothing to send`, () =>
  withPipe(async (pipe) => {
    const { transport, heard } = await writing(pipe);
    transport.writeEof();
    expect([transport.isClosing(), heard.log]).toEqual([true, ["made"]]);
    await sleep(0);
    gone(pipe, heard, null);
  }));

test(`${UNIX}.test_write_eof_pending: writeEof() waits for what is buffered`, () =>
  withPipe(async (pipe) => {
    const { transport, heard, written } = await stuffed(pipe);
    transport.writeEof();
    await sleep(20);
    expect([transport.isClosing(), heard.lost, transport.getWriteBufferSize() > 0]).toEqual([true, false, true]);
    pipe.far.socket.resume();
    await heard.until(() => heard.lost);
    gone(pipe, heard, null);
    await pipe.far.until(() => pipe.far.ended);
    expect(pipe.far.received.length).toBe(written);
  }));
