import {
  type Server,
  StreamReader,
  StreamReaderProtocol,
  type Transport,
  createConnection,
  createServer,
  startTls,
} from "@tsyncio/node";
import { Event, TimeoutError, createTask, gather, waitFor } from "tsyncio";
import { expect, test } from "vitest";
import { ca, identity } from "../../../test/tls/certificates.ts";
import { nodeProgram } from "../../node-program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { Accepted } from "../servers/accepting.ts";
import { BufferedRecorder, Recorder } from "../transports/recorder.ts";
import { BareServer, connected, readEnd, readExactly, secureClient, secureServer } from "./bare.ts";

const HELLO = "1".repeat(1024 * 100);
const CLIENT = { serverHostname: "localhost" };

const IDS = ["test_ssl.py::TestSSL", "test_sslproto.py::BaseStartTLS"];

for (const id of IDS) {
  test(`${id}.test_start_tls_client_reg_proto_1: a client starts TLS after much plain text: its protocol goes on with the new transport, and is not connected again`, () =>
    nodeProgram(async () => {
      const server = await BareServer.listening(async (socket) => {
        "native async";
        expect(await readExactly(socket, HELLO.length)).toBe(HELLO);
        const secured = await secureServer(socket);
        secured.write("O");
        expect(await readExactly(secured, HELLO.length)).toBe(HELLO);
        secured.end();
        await readEnd(secured);
      });
      const [plain, protocol] = await createConnection(() => new Recorder(), "127.0.0.1", server.port);
      plain.write(Buffer.from(HELLO));
      const transport = await startTls(plain, protocol, { ca }, CLIENT);
      expect(transport).not.toBe(plain);
      expect([transport.getProtocol(), plain.isClosing(), transport.isClosing()]).toEqual([protocol, true, false]);
      const { heard } = protocol;
      await heard.until(() => heard.received === "O");
      transport.write(Buffer.from(HELLO));
      await heard.until(() => heard.lost);
      await server.served;
      expect(heard.log).toEqual(["made", "data O", "eof", ["lost", null]]);
      transport.close();
    }));

  test(`${id}.test_start_tls_client_buf_proto_1: a buffered protocol starts TLS, and another protocol of the other kind takes over; only the first was ever connected`, () =>
    nodeProgram(async () => {
      const server = await BareServer.listening(async (socket) => {
        "native async";
        expect(await readExactly(socket, HELLO.length)).toBe(HELLO);
        const secured = await secureServer(socket);
        secured.write("O");
        expect(await readExactly(secured, HELLO.length)).toBe(HELLO);
        secured.write("2");
        expect(await readExactly(secured, HELLO.length)).toBe(HELLO);
        secured.end();
        await readEnd(secured);
      });
      const [plain, first] = await createConnection(() => new BufferedRecorder(1), "127.0.0.1", server.port);
      plain.write(Buffer.from(HELLO));
      const transport = await startTls(plain, first, { ca }, CLIENT);
      await first.heard.until(() => first.heard.received === "O");
      transport.write(Buffer.from(HELLO));
      const second = new Recorder();
      transport.setProtocol(second);
      await second.heard.until(() => second.heard.received === "2");
      transport.write(Buffer.from(HELLO));
      await second.heard.until(() => second.heard.lost);
      await server.served;
      expect(first.heard.log).toEqual(["made", "data O"]);
      expect(second.heard.log).toEqual(["data 2", "eof", ["lost", null]]);
    }));

  test(`${id}.test_start_tls_slow_client_cancel: startTls() that is cancelled while the peer does not answer closes the connection`, () =>
    nodeProgram(async () => {
      const read = new Event();
      const server = await BareServer.listening(async (socket) => {
        "native async";
        expect(await readExactly(socket, HELLO.length)).toBe(HELLO);
        read.set();
        await readEnd(socket);
      });
      const [plain, protocol] = await createConnection(() => new Recorder(), "127.0.0.1", server.port);
      plain.write(Buffer.from(HELLO));
      await read.wait();
      const error = await thrownBy(waitFor(startTls(plain, protocol, { ca }, CLIENT), 50));
      expect(error).toBeInstanceOf(TimeoutError);
      await server.served;
      expect(plain.isClosing()).toBe(true);
      // It was connected: so it hears of the end.
      expect(protocol.heard.log).toEqual(["made", ["lost", null]]);
    }));
}

/** A server that says HELLO in plain text, and then starts TLS on the first connection. */
async function serveHello(accepted: Accepted, server: Server) {
  await accepted.until(1);
  const [protocol] = accepted.all;
  const plain = protocol.transport;
  plain.write(Buffer.from(HELLO));
  const secured = await startTls(plain, protocol, identity(), { serverSide: true, handshakeTimeout: "30s" });
  server.close();
  return [secured, protocol.heard] as const;
}

test("test_ssl.py::TestSSL.test_start_tls_server_1: a server starts TLS on a connection that it has accepted, reads to the peer's goodbye, and has closed", () =>
  nodeProgram(async () => {
    const accepted = new Accepted();
    const server = await createServer(accepted.factory, "127.0.0.1", 0);
    const client = (async () => {
      "native async";
      const plain = await connected(server.sockets[0].port);
      expect(await readExactly(plain, HELLO.length)).toBe(HELLO);
      const secured = await secureClient(plain);
      secured.end(HELLO);
      await readEnd(secured);
    })();
    const [secured, heard] = await serveHello(accepted, server);
    await heard.until(() => heard.lost);
    await client;
    expect(heard.log).toEqual(["made", `data ${HELLO}`, "eof", ["lost", null]]);
    secured.close();
    await server.waitClosed();
  }));

test("test_sslproto.py::BaseStartTLS.test_start_tls_server_1: the protocol of a server is told of the end when the peer just leaves after the answer", () =>
  nodeProgram(async () => {
    const accepted = new Accepted();
    const server = await createServer(accepted.factory, "127.0.0.1", 0);
    const client = (async () => {
      "native async";
      const plain = await connected(server.sockets[0].port);
      expect(await readExactly(plain, HELLO.length)).toBe(HELLO);
      const secured = await secureClient(plain);
      secured.write(HELLO);
      expect(await readExactly(secured, 6)).toBe("answer");
      secured.destroy();
    })();
    const [secured, heard] = await serveHello(accepted, server);
    await heard.until(() => heard.received === HELLO);
    secured.write(Buffer.from("answer"));
    await heard.until(() => heard.lost);
    await client;
    expect(heard.received).toBe(HELLO);
    expect(heard.error).toBe(null);
    await server.waitClosed();
  }));

const CLIENTS = 25;
const A = "A".repeat(1024 * 512);
const B = "B".repeat(1024 * 512);

/** A protocol of streams that encrypts its connection once more before it begins. */
class TwiceSecured extends StreamReaderProtocol {
  override connectionMade(transport: Transport) {
    transport.pauseReading();
    const starting = createTask(startTls(transport, this, identity(), { serverSide: true }));
    starting.addDoneCallback((started) => {
      if (started.exception() === null) super.connectionMade(started.result());
    });
  }
}

test("test_ssl.py::TestSSL.test_create_server_ssl_over_ssl: TLS can be started within TLS", () =>
  nodeProgram(async () => {
    let served = 0;
    const handle = async (reader: StreamReader, writer: { write(data: string): unknown; close(): void }) => {
      expect(String(await reader.readexactly(A.length))).toBe(A);
      await writer.write("OK");
      expect(String(await reader.readexactly(B.length))).toBe(B);
      await writer.write("SPAM");
      writer.close();
      served++;
    };
    const factory = () => new TwiceSecured(new StreamReader(), handle);
    const server = await createServer(factory, "127.0.0.1", 0, { tls: identity() });
    const client = async () => {
      "native async";
      const once = await secureClient(await connected(server.sockets[0].port));
      const twice = await secureClient(once);
      twice.write(A);
      expect(await readExactly(twice, 2)).toBe("OK");
      twice.write(B);
      expect(await readExactly(twice, 4)).toBe("SPAM");
      await readEnd(twice);
      twice.end();
    };
    await gather(...Array.from({ length: CLIENTS }, client));
    server.close();
    await server.waitClosed();
    expect(served).toBe(CLIENTS);
  }));
