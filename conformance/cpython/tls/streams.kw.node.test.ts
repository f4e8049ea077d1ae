import { Protocol, type Transport, createConnection, openConnection, startServer } from "@tsyncio/node";
import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { type Awaitable, Event, Future, gather, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { ca, identity } from "../../../test/tls/certificates.ts";
import { TlsPeer } from "../../../test/tls/tls-peer.ts";
import { nodeProgram } from "../../node-program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { Peer } from "../transports/peer.ts";

const CLIENTS = 25;
const A = "A".repeat(1024 * 512);
const B = "B".repeat(1024 * 512);
const CLIENT = { tls: { ca }, serverHostname: "localhost", handshakeTimeout: "30s" } as const;

/** Runs so many of them at once. */
function crowd(client: () => Awaitable<void>) {
  return gather(...Array.from({ length: CLIENTS }, client));
}

test("test_ssl.py::TestSSL.test_create_server_ssl_1: a server of streams with TLS serves many clients at once, each with much data both ways", () =>
  nodeProgram(async () => {
    let served = 0;
    const server = await startServer(
      async (reader, writer) => {
        expect(String(await reader.readexactly(A.length))).toBe(A);
        writer.write("OK");
        expect(String(await reader.readexactly(B.length))).toBe(B);
        writer.writelines(["SP", Buffer.from("A"), new Uint8Array(Buffer.from("M"))]);
        await writer.drain();
        writer.close();
        served++;
      },
      "127.0.0.1",
      0,
      { family: 4, tls: identity(), handshakeTimeout: "30s" },
    );
    await crowd(async () => {
      const socket = connectTls({ port: server.sockets[0].port, ca });
      const peer = new Peer(socket);
      socket.write(A);
      await peer.until(() => peer.received === "OK");
      socket.write(B);
      await peer.until(() => peer.ended);
      expect(peer.received).toBe("OKSPAM");
    });
    server.close();
    await server.waitClosed();
    expect(served).toBe(CLIENTS);
  }));

/** A bare server's part: it answers A with OK and B with SPAM, and leaves. */
function answer(socket: Socket) {
  let received = 0;
  socket.on("data", (data: Buffer) => {
    const before = received;
    received += data.length;
    if (before < A.length && received >= A.length) socket.write("OK");
    if (received === A.length + B.length) socket.end("SPAM");
  });
}

async function expectSpam(options: Parameters<typeof openConnection>[2], host: string | null, port: number | null) {
  const [reader, writer] = await openConnection(host, port, { ...CLIENT, ...options });
  writer.write(A);
  expect(String(await reader.readexactly(2))).toBe("OK");
  writer.write(B);
  expect(String(await reader.readexactly(4))).toBe("SPAM");
  writer.close();
  await writer.waitClosed();
}

test("test_ssl.py::TestSSL.test_create_connection_ssl_1: many clients with TLS exchange much data with one server, by its address or over sockets that are connected already", () =>
  nodeProgram(async () => {
    await using peer = await TlsPeer.listening(answer);
    await crowd(() => expectSpam({}, "127.0.0.1", peer.port));
    await crowd(async () => {
      const socket = connect({ port: peer.port, host: "127.0.0.1" });
      await once(socket, "connect");
      await expectSpam({ socket }, null, null);
    });
  }));

test("test_ssl.py::TestSSL.test_shutdown_cleanly: when the server says goodbye, the client reads to the end and closes without an error", () =>
  nodeProgram(async ({ log }) => {
    await using peer = await TlsPeer.listening((socket) => {
      let received = 0;
      socket.on("data", (data: Buffer) => {
        received += data.length;
        if (received === A.length) socket.end("OK");
      });
      socket.on("end", () => log.push("goodbye"));
    });
    await crowd(async () => {
      const [reader, writer] = await openConnection("127.0.0.1", peer.port, CLIENT);
      writer.write(A);
      expect(String(await reader.readexactly(2))).toBe("OK");
      expect(String(await reader.read())).toBe("");
      writer.close();
      await writer.waitClosed();
    });
    while (log.length < CLIENTS) await sleep(1);
    expect(log).toEqual(Array(CLIENTS).fill("goodbye"));
  }));

test("test_ssl.py::TestSSL.test_shutdown_timeout_handler_not_set: a transport that is paused keeps what the peer has sent before its end, and gives it when it is resumed", () =>
  nodeProgram(async ({ log }) => {
    const ended = new Event();
    await using peer = await TlsPeer.listening((socket) => {
      socket.write("hello");
      socket.once("data", (data: Buffer) => {
        log.push(`server: ${String(data)}`);
        socket.end("extra bytes", () => ended.set());
      });
    });
    const lost = new Future<unknown>();
    class Pausing extends Protocol {
      declare transport: Transport;
      override connectionMade(transport: Transport) {
        this.transport = transport;
      }
      override dataReceived(data: Uint8Array) {
        log.push(`client: ${String(data)}`);
        if (String(data) !== "hello") return;
        this.transport.write(Buffer.from("world"));
        this.transport.pauseReading();
      }
      override connectionLost(error: unknown) {
        lost.setResult(error);
      }
    }
    const [transport] = await createConnection(() => new Pausing(), "127.0.0.1", peer.port, CLIENT);
    await ended.wait();
    await sleep(20);
    expect([transport.isClosing(), log]).toEqual([false, ["client: hello", "server: world"]]);
    transport.resumeReading();
    expect(await lost).toBe(null);
    expect(log).toEqual(["client: hello", "server: world", "client: extra bytes"]);
    transport.close();
  }));

/** Runs `use` with the port of a server that says "A\n" over TLS, and then, when it hears something, plain text. */
async function withCorruptingServer(use: (port: number) => PromiseLike<void>) {
  let plain: Socket | null = null;
  const secure = createTlsServer(identity(), (socket) => {
    socket.on("error", () => {}).once("data", () => plain?.write("please corrupt the connection"));
    socket.write("A\n");
  });
  const server = createServer((socket) => {
    plain = socket;
    secure.emit("connection", socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  await use((server.address() as AddressInfo).port);
  server.close();
}

for (const id of ["test_ssl.py::TestSSL", "test_sslproto.py::BaseStartTLS"]) {
  test(`${id}.test_start_tls_client_corrupted_ssl: plain text within TLS breaks the connection: reading and waitClosed() throw why, and nobody else is told`, () =>
    nodeProgram(() =>
      withCorruptingServer(async (port) => {
        const [reader, writer] = await openConnection("127.0.0.1", port, CLIENT);
        expect(String(await reader.readline())).toBe("A\n");
        writer.write("B");
        const error = await thrownBy(reader.readline());
        expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_SSL_/) });
        writer.close();
        expect(await thrownBy(writer.waitClosed())).toBe(error);
      }),
    ));
}
