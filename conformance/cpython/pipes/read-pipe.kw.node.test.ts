import { type ReadTransport, connectReadPipe } from "@tsyncio/node";
import { sleep } from "tsyncio";
import { expect, test } from "vitest";
import { takeHeard } from "../../program.ts";
import { Recorder } from "../transports/recorder.ts";
import { type Pipe, withPipe } from "./pipe.ts";

const UNIX = "test_unix_events.py::UnixReadPipeTransportTests";

/** A transport that reads from the pipe, and what its protocol hears. */
async function reading({ near }: Pipe) {
  const [transport, { heard }] = await connectReadPipe(() => new Recorder(), near);
  return { transport, heard };
}

/** Waits long enough for what comes to have come. */
const aWhile = () => sleep(20);

test("test_events.py::EventLoopTestsMixin.test_read_pipe: a protocol reads from a pipe to its end, in the pieces in which it was written", () =>
  withPipe(async ({ near, far }) => {
    const protocol = new Recorder();
    const [transport, made] = await connectReadPipe(() => protocol, near);
    const { heard } = protocol;
    expect([made, protocol.transport]).toEqual([protocol, transport]);
    expect(heard.log).toEqual(["made"]);
    far.socket.write("1");
    await heard.until(() => heard.received.length >= 1);
    far.socket.write("2345");
    await heard.until(() => heard.received.length >= 5);
    expect(heard.log).toEqual(["made", "data 12345"]);
    far.socket.destroy();
    await heard.until(() => heard.lost);
    expect(heard.log).toEqual(["made", "data 12345", "eof", ["lost", null]]);
    expect(transport.getExtraInfo("pipe")).toBe(near);
  }));

test(`${UNIX}.test_ctor: connectionMade comes first, then the pipe is read`, () =>
  withPipe(async (pipe) => {
    pipe.far.socket.write("early");
    const { transport, heard } = await reading(pipe);
    expect([heard.log, transport.isReading(), transport.isClosing()]).toEqual([["made"], true, false]);
    await heard.until(() => heard.received !== "");
    expect(heard.log).toEqual(["made", "data early"]);
  }));

test(`${UNIX}.test__read_ready: what comes is handed to the protocol`, () =>
  withPipe(async (pipe) => {
    const { heard } = await reading(pipe);
    pipe.far.socket.write("data");
    await heard.until(() => heard.received !== "");
    expect(heard.log).toEqual(["made", "data data"]);
  }));

test(`${UNIX}.test__read_ready_eof: at the end of the pipe the protocol hears of it, and then that the connection is lost`, () =>
  withPipe(async (pipe, { loop }) => {
    const { transport, heard } = await reading(pipe);
    pipe.far.socket.end();
    await heard.until(() => heard.lost);
    expect(heard.log).toEqual(["made", "eof", ["lost", null]]);
    expect([transport.isReading(), transport.isClosing(), loop.resources.size]).toEqual([false, true, 0]);
  }));

test(`${UNIX}.test__read_ready_error: an error of reading is told to the exception handler, and loses the connection`, () =>
  withPipe(async (pipe, given) => {
    const { heard } = await reading(pipe);
    // Closed with something unread, more than Node reads ahead: the kernel says so to who reads at the other end.
    pipe.far.socket.pause();
    pipe.near.write(Buffer.alloc(128 * 1024));
    await aWhile();
    pipe.far.socket.destroy();
    await heard.until(() => heard.lost);
    expect(heard.log).toEqual(["made", ["lost", expect.objectContaining({ code: "ECONNRESET", syscall: "read" })]]);
    expect(takeHeard(given)).toEqual(["Fatal read error on pipe transport: Error: read ECONNRESET"]);
  }));

test(`${UNIX}.test_pause_reading: while reading is paused nothing comes`, () =>
  withPipe(async (pipe) => {
    const { transport, heard } = await reading(pipe);
    transport.pauseReading();
    pipe.far.socket.end("data");
    await aWhile();
    expect([heard.log, transport.isReading()]).toEqual([["made"], false]);
  }));

test(`${UNIX}.test_resume_reading: what came meanwhile is read afterwards, and the end too`, () =>
  withPipe(async (pipe) => {
    const { transport, heard } = await reading(pipe);
    transport.pauseReading();
    pipe.far.socket.end("data");
    await aWhile();
    transport.resumeReading();
    expect(transport.isReading()).toBe(true);
    await heard.until(() => heard.lost);
    expect(heard.log).toEqual(["made", "data data", "eof", ["lost", null]]);
  }));

test(`${UNIX}.test_close: closing loses the connection, in order`, () =>
  withPipe(async (pipe) => {
    const { transport, heard } = await reading(pipe);
    transport.close();
    expect(heard.log).toEqual(["made"]);
    await sleep(0);
    expect(heard.log).toEqual(["made", ["lost", null]]);
  }));

test(`${UNIX}.test_close_already_closing: closing what is closing does nothing`, () =>
  withPipe(async (pipe) => {
    const { transport, heard } = await reading(pipe);
    transport.close();
    transport.close();
    await sleep(0);
    transport.close();
    await aWhile();
    expect(heard.log).toEqual(["made", ["lost", null]]);
  }));

test(`${UNIX}.test__close: from close() on nothing is read, though connectionLost is still to come`, () =>
  withPipe(async (pipe) => {
    const { transport, heard } = await reading(pipe);
    pipe.far.socket.write("data");
    transport.close();
    expect([transport.isClosing(), transport.isReading()]).toEqual([true, false]);
    await aWhile();
    expect(heard.log).toEqual(["made", ["lost", null]]);
  }));

test(`${UNIX}.test__call_connection_lost: when connectionLost has been called the pipe is closed`, () =>
  withPipe(async (pipe, { loop }) => {
    let open: unknown;
    class Looking extends Recorder {
      override connectionLost(error: unknown) {
        super.connectionLost(error);
        open = [pipe.near.destroyed, loop.resources.size];
      }
    }
    const [transport, { heard }] = await connectReadPipe(() => new Looking(), pipe.near);
    transport.close();
    await sleep(0);
    expect([heard.log, open]).toEqual([
      ["made", ["lost", null]],
      [false, 1],
    ]);
    expect([pipe.near.destroyed, loop.resources.size]).toEqual([true, 0]);
  }));

test(`${UNIX}.test__call_connection_lost_with_err: the pipe is closed after an error as well`, () =>
  withPipe(async (pipe, given) => {
    const { transport, heard } = await reading(pipe);
    const error = new Error("it leaks");
    pipe.near.destroy(error);
    await heard.until(() => heard.lost);
    expect(heard.log).toEqual(["made", ["lost", error]]);
    expect([transport.isClosing(), given.loop.resources.size]).toEqual([true, 0]);
    expect(takeHeard(given)).toEqual(["Fatal read error on pipe transport: Error: it leaks"]);
  }));

/** Calls what pauses or resumes on a pipe that is closed. */
async function onClosed(pipe: Pipe, call: (transport: ReadTransport) => void) {
  const { transport, heard } = await reading(pipe);
  transport.close();
  await sleep(0);
  call(transport);
  pipe.far.socket.write("data");
  await aWhile();
  expect([heard.log, transport.isReading()]).toEqual([["made", ["lost", null]], false]);
}

test(`${UNIX}.test_pause_reading_on_closed_pipe: pausing a closed pipe does nothing`, () =>
  withPipe((pipe) => onClosed(pipe, (transport) => transport.pauseReading())));

test(`${UNIX}.test_resume_reading_on_closed_pipe: resuming a closed pipe does nothing`, () =>
  withPipe((pipe) => onClosed(pipe, (transport) => transport.resumeReading())));

test(`${UNIX}.test_pause_reading_on_paused_pipe: pausing twice is pausing once`, () =>
  withPipe(async (pipe) => {
    const { transport, heard } = await reading(pipe);
    transport.pauseReading();
    transport.pauseReading();
    pipe.far.socket.write("data");
    await aWhile();
    expect([heard.log, transport.isReading()]).toEqual([["made"], false]);
    transport.resumeReading();
    await heard.until(() => heard.received !== "");
    expect(heard.log).toEqual(["made", "data data"]);
  }));

test(`${UNIX}.test_resume_reading_on_paused_pipe: resuming what is not paused does nothing`, () =>
  withPipe(async (pipe) => {
    const { transport, heard } = await reading(pipe);
    transport.resumeReading();
    pipe.far.socket.write("data");
    await heard.until(() => heard.received !== "");
    expect([heard.log, transport.isReading()]).toEqual([["made", "data data"], true]);
  }));
