import { type StreamReader, type StreamWriter, openConnection, openUnixConnection, startServer } from "@tsyncio/node";
import { expect, test } from "vitest";
import { ca, identity } from "../../../test/tls/certificates.ts";
import { TlsPeer } from "../../../test/tls/tls-peer.ts";
import { nodeProgram } from "../../node-program.ts";
import { SocketFolder, answer } from "./peer.ts";

async function request(reader: StreamReader, writer: StreamWriter) {
  writer.write("GET / HTTP/1.0\r\n\r\n");
  expect(String(await reader.read())).toMatch(/\r\n\r\nTest message$/);
  writer.close();
  await writer.waitClosed();
}

test("test_streams.py::StreamTests.test_open_connection_no_loop_ssl: a TCP connection with TLS gives a reader and a writer that talk to the server", () =>
  nodeProgram(async () => {
    await using peer = await TlsPeer.listening(answer);
    await request(...(await openConnection("127.0.0.1", peer.port, { tls: { ca } })));
    await request(...(await openConnection("127.0.0.1", peer.port, { tls: { rejectUnauthorized: false } })));
  }));

test("test_streams.py::StreamTests.test_open_unix_connection_no_loop_ssl: so does a connection with TLS to a Unix socket", () =>
  nodeProgram(async () => {
    using folder = new SocketFolder();
    await using _peer = await TlsPeer.listening(answer, {}, { path: folder.path });
    await request(...(await openUnixConnection(folder.path, { tls: { ca }, serverHostname: "" })));
  }));

test("test_streams.py::StreamTests.test_start_tls: both ends of a connection go on with TLS, with the same readers and writers", () =>
  nodeProgram(async () => {
    const tlsOf = (writer: StreamWriter) => [
      writer.getExtraInfo("sslcontext") !== null,
      writer.getExtraInfo("cipher") !== null,
    ];
    const echoTwice = async (reader: StreamReader, writer: StreamWriter) => {
      await using _ = writer;
      await writer.write(await reader.readline());
      expect(tlsOf(writer)).toEqual([false, false]);
      await writer.startTls(identity());
      expect(tlsOf(writer)).toEqual([true, true]);
      await writer.write(await reader.readline());
    };
    const server = await startServer(echoTwice, "127.0.0.1", 0);
    const [reader, writer] = await openConnection("127.0.0.1", server.sockets[0].port);
    await writer.write("hello world 1!\n");
    const plain = String(await reader.readline());
    expect(tlsOf(writer)).toEqual([false, false]);
    await writer.startTls({ ca }, { serverHostname: "localhost" });
    expect(tlsOf(writer)).toEqual([true, true]);
    await writer.write("hello world 2!\n");
    const secret = String(await reader.readline());
    writer.close();
    await writer.waitClosed();
    server.close();
    await server.waitClosed();
    expect([plain, secret]).toEqual(["hello world 1!\n", "hello world 2!\n"]);
  }));
