import { type Server, type StreamReader, type StreamWriter, openConnection, startServer } from "@tsyncio/node";
import { sleep } from "tsyncio";
import { expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { ca, identity } from "../../../../test/tls/certificates.ts";
import { BadPeer } from "./bad-peer.ts";
import { answerLines } from "./line-server.ts";

const HALF_A_HELLO = Buffer.from("16030100c8010000c40303", "hex");

/** What clients do in place of a handshake. */
const WAYS: ((peer: BadPeer) => unknown)[] = [
  ({ socket }) => socket.write("GET / HTTP/1.0\r\n\r\n"),
  ({ socket }) => socket.write(Buffer.alloc(100_000, 0x16)),
  ({ socket }) => socket.end(),
  ({ socket }) => socket.end(HALF_A_HELLO),
  ({ socket }) => socket.resetAndDestroy(),
  ({ socket }) => socket.write(HALF_A_HELLO, () => socket.resetAndDestroy()),
  ({ socket }) => socket.write(HALF_A_HELLO),
  () => {},
];

async function askSecurely({ sockets: [{ port }] }: Server, line: string) {
  const [reader, writer] = await openConnection("127.0.0.1", port, { tls: { ca }, serverHostname: "localhost" });
  await using _ = writer;
  writer.write(`${line}\n`);
  return String(await reader.readline());
}

test("a hundred and sixty clients that fail the handshake in every way hold nobody up and leave nothing behind", () =>
  nodeProgram(async () => {
    const tls = { tls: identity(), handshakeTimeout: 1000 };
    await using server = await startServer(answerLines, "127.0.0.1", 0, tls);
    const peers: BadPeer[] = [];
    const answers: string[] = [];
    for (let n = 0; n < 160; n++) {
      const peer = await BadPeer.to(server);
      WAYS[n % WAYS.length](peer);
      peers.push(peer);
      if (n % 20 === 0) answers.push(await askSecurely(server, `${n}`));
    }
    for (const peer of peers) {
      await peer.until(() => peer.ended || peer.closed);
      peer.socket.destroy();
    }
    expect(answers).toEqual([0, 20, 40, 60, 80, 100, 120, 140].map((n) => `you said ${n}\n`));
    expect(await askSecurely(server, "last")).toBe("you said last\n");
  }));

test("a client that asks for TLS and sends garbage instead ends its connection, and its handler hears why", () =>
  nodeProgram(async () => {
    const heard: unknown[] = [];
    const secure = async (reader: StreamReader, writer: StreamWriter) => {
      await using _ = writer;
      try {
        await reader.readline();
        await writer.write("go ahead\n");
        await writer.startTls(identity(), { handshakeTimeout: 200 });
      } catch (error) {
        heard.push((error as NodeJS.ErrnoException).code);
      }
    };
    await using server = await startServer(secure, "127.0.0.1", 0);
    for (const instead of WAYS) {
      using peer = await BadPeer.to(server);
      peer.socket.write("starttls\n");
      await peer.until(() => peer.received === "go ahead\n");
      instead(peer);
      for (const { length } = heard; heard.length === length;) await sleep(1);
      await peer.until(() => peer.ended || peer.closed);
    }
    expect(heard).toEqual([
      expect.stringMatching(/^ERR_SSL_/),
      expect.stringMatching(/^ERR_SSL_/),
      "ECONNRESET",
      "ECONNRESET",
      "ECONNRESET",
      "ECONNRESET",
      "TSYNCIO_TIMEOUT",
      "TSYNCIO_TIMEOUT",
    ]);
  }));
