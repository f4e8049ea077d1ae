import { type ServerTls, type Transport, createServer } from "@tsyncio/node";
import type { Socket } from "node:net";
import { type ConnectionOptions, connect } from "node:tls";
import { createTask, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { Accepted } from "../../../../conformance/cpython/servers/accepting.ts";
import { clientOf } from "../../../../conformance/cpython/servers/clients.ts";
import { Peer } from "../../../../conformance/cpython/transports/peer.ts";
import { Recorder } from "../../../../conformance/cpython/transports/recorder.ts";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { takeHeard } from "../../../../conformance/program.ts";
import { ca, identity } from "../../../../test/tls/certificates.ts";

/** How a ClientHello begins. */
const HALF_A_HELLO = Buffer.from("1603010200010001fc0303", "hex");

/** A server with TLS gets rid of a client that, without TLS of its own, behaves like this. None of its protocols hears of it. */
async function expectRejected(misbehave: (socket: Socket) => unknown, handshakeTimeout = 10_000) {
  const accepted = new Accepted();
  const server = await createServer(accepted.factory, "127.0.0.1", 0, { tls: identity(), handshakeTimeout });
  const peer = await clientOf(server);
  const misbehaving = createTask((async () => void (await misbehave(peer.socket)))());
  await peer.until(() => peer.closed || peer.ended);
  misbehaving.cancel();
  server.close();
  await server.waitClosed();
  expect(accepted.all).toEqual([]);
  peer.socket.destroy();
}

describe("a server gets rid of a client that", () => {
  test("sends garbage", () => nodeProgram(() => expectRejected((socket) => socket.write("GET / HTTP/1.0\r\n\r\n"))));

  test("leaves at once", () => nodeProgram(() => expectRejected((socket) => socket.end())));

  test("leaves within its hello", () => nodeProgram(() => expectRejected((socket) => socket.end(HALF_A_HELLO))));

  test("resets the connection within its hello", () =>
    nodeProgram(() =>
      expectRejected(async (socket) => {
        socket.write(HALF_A_HELLO);
        await sleep(10);
        socket.resetAndDestroy();
      }),
    ));

  test("says nothing within the time limit", () => nodeProgram(() => expectRejected(() => {}, 40)));

  test("drips its hello: that does not prolong the time limit", () =>
    nodeProgram(() =>
      expectRejected(async (socket) => {
        for (const byte of HALF_A_HELLO) {
          socket.write(Buffer.of(byte));
          await sleep(10);
        }
      }, 50),
    ));
});

test("a handshake that fails is told of in debug mode only", () =>
  nodeProgram(
    async (given) => {
      await expectRejected((socket) => socket.write("GET / HTTP/1.0\r\n\r\n"));
      expect(takeHeard(given)).toEqual([
        expect.stringMatching(/^Error on transport creation for incoming connection: Error: .*http request/),
      ]);
    },
    { debug: true },
  ));

test("a factory that fails is told of, and its client is let go", () =>
  nodeProgram(async (given) => {
    const factory = () => {
      throw new RangeError("no protocol");
    };
    const server = await createServer(factory, "127.0.0.1", 0, { tls: identity() });
    const peer = await clientOf(server);
    await peer.until(() => peer.closed || peer.ended);
    peer.socket.destroy();
    server.close();
    await server.waitClosed();
    expect(takeHeard(given)).toEqual(["Error on transport creation for incoming connection: RangeError: no protocol"]);
  }));

/** As whom a server that wants to know its clients sees one that presents itself like this; not at all when it is refused. */
async function presented(options: ConnectionOptions, tls: ServerTls = { ...identity(), ca, requestCert: true }) {
  const seen: unknown[] = [];
  class Looking extends Recorder {
    override connectionMade(transport: Transport) {
      const certificate = transport.getExtraInfo("peercert") as { subject: { CN: string } } | null;
      seen.push(certificate?.subject.CN ?? "nobody");
      transport.close();
    }
  }
  const server = await createServer(() => new Looking(), "127.0.0.1", 0, { tls });
  const peer = new Peer(connect({ port: server.sockets[0].port, host: "127.0.0.1", ca, ...options }));
  await peer.until(() => peer.closed);
  server.close();
  await server.waitClosed();
  return seen;
}

describe("a server that asks for certificates", () => {
  test("knows a client that has one of the authority", () =>
    nodeProgram(async () => {
      expect(await presented(identity("client"))).toEqual(["a client"]);
    }));

  test("refuses a client without one, and no protocol hears of it", () =>
    nodeProgram(async () => {
      expect(await presented({})).toEqual([]);
    }));

  test("refuses a client that has made its own", () =>
    nodeProgram(async () => {
      expect(await presented(identity("self-signed"))).toEqual([]);
    }));

  test("refuses a client whose certificate has expired", () =>
    nodeProgram(async () => {
      expect(await presented(identity("expired"))).toEqual([]);
    }));

  test("takes a client without one when it may be unauthorized", () =>
    nodeProgram(async () => {
      expect(await presented({}, { ...identity(), ca, requestCert: true, rejectUnauthorized: false })).toEqual([
        "nobody",
      ]);
    }));

  test("says in debug mode what is wrong with a certificate", () =>
    nodeProgram(
      async (given) => {
        expect(await presented(identity("expired"))).toEqual([]);
        expect(takeHeard(given)).toEqual([
          "Error on transport creation for incoming connection: Error: Cannot trust the certificate of the client: CERT_HAS_EXPIRED",
        ]);
      },
      { debug: true },
    ));
});
