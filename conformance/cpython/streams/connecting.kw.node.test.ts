import { type StreamReader, type StreamWriter, openConnection, openUnixConnection } from "@tsyncio/node";
import { expect, test } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { Peer, SocketFolder, answer } from "./peer.ts";

/** Asks a peer that answers, by TCP and by a Unix socket. */
async function overTcp(talk: (reader: StreamReader, writer: StreamWriter) => PromiseLike<void>) {
  await using peer = await Peer.listening(answer);
  const [reader, writer] = await openConnection("127.0.0.1", peer.port);
  await talk(reader, writer);
}

async function overUnix(talk: (reader: StreamReader, writer: StreamWriter) => PromiseLike<void>) {
  using folder = new SocketFolder();
  await using _peer = await Peer.listening(answer, { path: folder.path });
  const [reader, writer] = await openUnixConnection(folder.path);
  await talk(reader, writer);
}

async function request(reader: StreamReader, writer: StreamWriter) {
  writer.write("GET / HTTP/1.0\r\n\r\n");
  expect(String(await reader.readline())).toBe("HTTP/1.0 200 OK\r\n");
  expect(String(await reader.read())).toMatch(/\r\n\r\nTest message$/);
  writer.close();
  await writer.waitClosed();
}

test("test_streams.py::StreamTests.test_open_connection: a TCP connection gives a reader and a writer that talk to the server", () =>
  nodeProgram(() => overTcp(request)));

test("test_streams.py::StreamTests.test_open_unix_connection: so does a connection to a Unix socket", () =>
  nodeProgram(() => overUnix(request)));

/** Breaks the connection by what its protocol is told. */
async function breakdown(reader: StreamReader, writer: StreamWriter) {
  const broken = new RangeError("broken");
  writer.transport.getProtocol().connectionLost(broken);
  expect(await thrownBy(reader.read())).toBe(broken);
  expect(await thrownBy(writer.drain())).toBe(broken);
  expect(await thrownBy(writer.waitClosed())).toBe(broken);
  writer.close();
}

test("test_streams.py::StreamTests.test_open_connection_error: what breaks a TCP connection is thrown by the read, and nobody else is told", () =>
  nodeProgram(() => overTcp(breakdown)));

test("test_streams.py::StreamTests.test_open_unix_connection_error: so is what breaks a Unix connection", () =>
  nodeProgram(() => overUnix(breakdown)));
