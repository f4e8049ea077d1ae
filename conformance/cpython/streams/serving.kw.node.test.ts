import { createTask, currentTask } from "tsyncio";
import {
  type Server,
  type StreamReader,
  type StreamWriter,
  openConnection,
  openUnixConnection,
  startServer,
  startUnixServer,
} from "@tsyncio/node";
import { expect, test } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { takeHeard } from "../../program.ts";
import { SocketFolder } from "./peer.ts";

async function echoLine(reader: StreamReader, writer: StreamWriter) {
  writer.write(await reader.readline());
  await writer.drain();
  writer.close();
  await writer.waitClosed();
}

/** The two kinds of handler: a coroutine function, and a callback that makes a task. */
const HANDLERS = [echoLine, (reader: StreamReader, writer: StreamWriter) => void createTask(echoLine(reader, writer))];

async function echoed(reader: StreamReader, writer: StreamWriter) {
  writer.write("hello world!\n");
  const line = String(await reader.readline());
  writer.close();
  await writer.waitClosed();
  return line;
}

async function stop(server: Server) {
  server.close();
  await server.waitClosed();
}

test("test_streams.py::StreamTests.test_start_server: a server calls its handler with a reader and a writer for each client, and runs it as a task if it is a coroutine", () =>
  nodeProgram(async () => {
    for (const handler of HANDLERS) {
      const server = await startServer(handler, "127.0.0.1", 0);
      expect(await echoed(...(await openConnection("127.0.0.1", server.sockets[0].port)))).toBe("hello world!\n");
      await stop(server);
    }
  }));

test("test_streams.py::StreamTests.test_start_unix_server: so does a server on a Unix socket", () =>
  nodeProgram(async () => {
    for (const handler of HANDLERS) {
      using folder = new SocketFolder();
      const server = await startUnixServer(handler, folder.path);
      expect(await echoed(...(await openUnixConnection(folder.path)))).toBe("hello world!\n");
      await stop(server);
    }
  }));

/** A client of a server with this handler: how much it is sent until the connection is closed. */
async function visit(handler: (reader: StreamReader, writer: StreamWriter) => PromiseLike<void>) {
  const server = await startServer(handler, "127.0.0.1", 0);
  const [reader, writer] = await openConnection("127.0.0.1", server.sockets[0].port);
  const sent = await reader.read();
  writer.close();
  await writer.waitClosed();
  await stop(server);
  return sent.length;
}

test("test_streams.py::StreamTests.test_unhandled_exception: a handler that fails is reported once, and its connection closed", () =>
  nodeProgram(async (given) => {
    const handler = async () => {
      throw new Error("test");
    };
    expect(await visit(handler)).toBe(0);
    expect(given.heard[0].transport).toBeDefined();
    expect(takeHeard(given)).toEqual(["Unhandled exception in the handler of a client: Error: test"]);
  }));

test("test_streams.py::StreamTests.test_unhandled_cancel: a handler that is cancelled is not reported, and its connection closed", () =>
  nodeProgram(async () => {
    const leaving = async (_reader: StreamReader, writer: StreamWriter) => {
      writer.close();
      currentTask()!.cancel();
    };
    expect(await visit(leaving)).toBe(0);
    const cancelled = async (reader: StreamReader) => {
      currentTask()!.cancel();
      await reader.readexactly(100);
    };
    expect(await visit(cancelled)).toBe(0);
  }));
