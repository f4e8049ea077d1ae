import { type StreamReader, type StreamWriter, openConnection, startServer } from "@tsyncio/node";
import { expect, test } from "vitest";
import { Peer as BareServer } from "../../../../conformance/cpython/streams/peer.ts";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { ca, identity } from "../../../../test/tls/certificates.ts";
import { BadPeer, drip, dripping } from "./bad-peer.ts";
import { answerLines } from "./line-server.ts";

test("a client that sends its lines byte by byte is answered line by line", () =>
  nodeProgram(async () => {
    await using server = await startServer(answerLines, "127.0.0.1", 0);
    using peer = await BadPeer.to(server);
    const lines = Array.from({ length: 200 }, (_, n) => `schön ${n} ✓\n`);
    await drip(peer.socket, lines.join(""));
    peer.socket.end();
    await peer.until(() => peer.ended);
    expect(Buffer.from(peer.received, "latin1").toString()).toBe(lines.map((line) => `you said ${line}`).join(""));
  }));

test("whatever a reader waits for, it may come byte by byte", () =>
  nodeProgram(async () => {
    const sent = "first\r\n\r\nexactly\na line\nand the rest";
    await using peer = await BareServer.listening((socket) => void drip(socket, sent).then(() => socket.end()));
    const [reader, writer] = await openConnection("127.0.0.1", peer.port);
    await using _ = writer;
    const read = [
      await reader.readuntil(Buffer.from("\r\n\r\n")),
      await reader.readexactly(8),
      await reader.readline(),
      await reader.read(1),
      await reader.read(),
    ];
    expect(read.map(String)).toEqual(["first\r\n\r\n", "exactly\n", "a line\n", "a", "nd the rest"]);
  }));

test("TLS whose records come byte by byte is TLS: handshake, data and goodbye", () =>
  nodeProgram(async () => {
    await using server = await startServer(answerLines, "127.0.0.1", 0, { tls: identity() });
    await using between = await dripping(server.sockets[0].port);
    const [reader, writer] = await openConnection("127.0.0.1", between.port, {
      tls: { ca },
      serverHostname: "localhost",
    });
    for (const line of ["one\n", "two\n"]) {
      writer.write(line);
      expect(String(await reader.readline())).toBe(`you said ${line}`);
    }
    writer.close();
    await writer.waitClosed();
  }));

test("a server that answers byte by byte, awaiting each, holds nobody up", () =>
  nodeProgram(async () => {
    const spell = async (reader: StreamReader, writer: StreamWriter) => {
      await using _ = writer;
      for (const byte of await reader.readline()) await writer.write(Uint8Array.of(byte));
    };
    await using server = await startServer(spell, "127.0.0.1", 0);
    const line = `${"spelt out ".repeat(500)}\n`;
    const [reader, writer] = await openConnection("127.0.0.1", server.sockets[0].port);
    await using _ = writer;
    writer.write(line);
    expect(String(await reader.read())).toBe(line);
  }));
