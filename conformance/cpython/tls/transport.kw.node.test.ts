import { type Protocol, type Transport, connectAcceptedSocket, createConnection } from "@tsyncio/node";
import { type AddressInfo, type Socket, createServer } from "node:net";
import { once } from "node:events";
import { expect, test } from "vitest";
import { ca, identity } from "../../../test/tls/certificates.ts";
import { TlsPeer } from "../../../test/tls/tls-peer.ts";
import { nodeProgram } from "../../node-program.ts";
import { takeHeard } from "../../program.ts";
import { BufferedRecorder, Recorder } from "../transports/recorder.ts";
import { connected, readEnd, readExactly, secureClient } from "./bare.ts";

const CLIENT = { tls: { ca }, serverHostname: "localhost" };

/** Accepts one connection by hand, and has `use` deal with it. */
async function withAcceptedSocket(client: (port: number) => Promise<void>, use: (socket: Socket) => PromiseLike<void>) {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const talking = client((server.address() as AddressInfo).port);
  const [socket] = (await once(server, "connection")) as [Socket];
  server.close();
  await use(socket);
  await talking;
}

/** Answers what it is told. */
class Answering extends Recorder {
  override dataReceived(data: Uint8Array) {
    super.dataReceived(data);
    this.transport.write(Buffer.from("roger"));
  }
}

/** A client that says something, hears an answer, and leaves. */
async function ask(socket: Socket) {
  "native async";
  socket.write("test data");
  expect(await readExactly(socket, 5)).toBe("roger");
  socket.end();
  await readEnd(socket);
}

const HEARD = ["made", "data test data", "eof", ["lost", null]];

test("test_ssl.py::TestSSL.test_connect_accepted_socket: a socket that was accepted elsewhere gets a transport and a protocol, without TLS too", () =>
  nodeProgram(() =>
    withAcceptedSocket(
      async (port) => {
        "native async";
        await ask(await connected(port));
      },
      async (socket) => {
        const [transport, { heard }] = await connectAcceptedSocket(() => new Answering(), socket);
        await heard.until(() => heard.lost);
        expect(heard.log).toEqual(HEARD);
        transport.close();
      },
    ),
  ));

test("test_events.py::EventLoopTestsMixin.test_ssl_connect_accepted_socket: with TLS it is the server of the handshake, and its protocol hears of the connection afterwards", () =>
  nodeProgram(() =>
    withAcceptedSocket(
      async (port) => {
        "native async";
        await ask(await secureClient(await connected(port)));
      },
      async (socket) => {
        const options = { tls: identity(), handshakeTimeout: "30s" } as const;
        const [transport, { heard }] = await connectAcceptedSocket(() => new Answering(), socket, options);
        expect(heard.log[0]).toBe("made");
        await heard.until(() => heard.lost);
        expect(heard.log).toEqual(HEARD);
        expect(String(transport)).toMatch(/^<TlsTransport closed /);
      },
    ),
  ));

/** Runs `use` with a transport to a server that says `text` over TLS when it is asked, and waits for the goodbye. */
async function withSpeaker<P extends Protocol | BufferedRecorder>(
  text: string,
  factory: () => P,
  use: (transport: Transport, protocol: P) => PromiseLike<void>,
) {
  await using peer = await TlsPeer.listening((socket) => socket.once("data", () => socket.write(text)));
  const [transport, protocol] = await createConnection(factory, "127.0.0.1", peer.port, CLIENT);
  await use(transport, protocol);
}

test("test_sslproto.py::BaseStartTLS.test_buf_feed_data: what comes over TLS fills the buffers of a buffered protocol, however small; an empty one is an error", () =>
  nodeProgram(async (given) => {
    for (const [size, text] of [
      [1, "12345"],
      [2, "12345"],
      [2, "1234"],
      [4, "1234"],
      [100, "12345"],
    ] as const) {
      await withSpeaker(
        text,
        () => new BufferedRecorder(size),
        async (transport, { heard }) => {
          transport.write(Buffer.from("?"));
          await heard.until(() => heard.received.length >= text.length);
          expect(heard.log).toEqual(["made", `data ${text}`]);
          transport.close();
          await heard.until(() => heard.lost);
        },
      );
    }
    await withSpeaker(
      "12345",
      () => new BufferedRecorder(0),
      async (transport, { heard }) => {
        transport.write(Buffer.from("?"));
        await heard.until(() => heard.lost);
        expect(heard.log).toEqual(["made", ["lost", heard.error]]);
        expect(String(heard.error)).toBe("RuntimeError: Cannot read: getBuffer() gave an empty buffer");
      },
    );
    expect(takeHeard(given)).toEqual([
      "Fatal error: protocol.getBuffer() call failed: RuntimeError: Cannot read: getBuffer() gave an empty buffer",
    ]);
  }));

test("test_sslproto.py::SslProtoHandshakeTests.test_set_new_app_protocol: a transport with TLS gives the protocol that it was given last, and calls it", () =>
  nodeProgram(() =>
    withSpeaker(
      "for the second",
      () => new Recorder(),
      async (transport, first) => {
        expect(transport.getProtocol()).toBe(first);
        const second = new Recorder();
        transport.setProtocol(second);
        expect(transport.getProtocol()).toBe(second);
        transport.write(Buffer.from("?"));
        await second.heard.until(() => second.heard.received === "for the second");
        transport.close();
        await second.heard.until(() => second.heard.lost);
        expect([first.heard.log, second.heard.log]).toEqual([["made"], ["data for the second", ["lost", null]]]);
      },
    ),
  ));

test("test_sslproto.py::SslProtoHandshakeTests.test_write_after_closing: what is written after close() is dropped, without an error", () =>
  nodeProgram(async ({ log }) => {
    await using peer = await TlsPeer.listening((socket) => {
      socket.on("data", (data: Buffer) => log.push(String(data))).on("end", () => log.push("end"));
    });
    const [transport, { heard }] = await createConnection(() => new Recorder(), "127.0.0.1", peer.port, CLIENT);
    transport.write(Buffer.from("before"));
    transport.close();
    transport.write(Buffer.from("after"));
    transport.writelines([Buffer.from("after"), Buffer.from("that")]);
    await heard.until(() => heard.lost);
    expect(heard.error).toBe(null);
    expect(log).toEqual(["before", "end"]);
  }));
