import {
  type ClientTls,
  type Server,
  type Transport,
  createConnection,
  createServer,
  createUnixConnection,
  createUnixServer,
  openConnection,
} from "@tsyncio/node";
import { TLSSocket } from "node:tls";
import type { Awaitable } from "tsyncio";
import { expect, test } from "vitest";
import { ca, identity } from "../../../test/tls/certificates.ts";
import { TlsPeer } from "../../../test/tls/tls-peer.ts";
import { nodeProgram } from "../../node-program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { Accepted } from "../servers/accepting.ts";
import { withSocketPath } from "../servers/socket-path.ts";
import { Recorder } from "../transports/recorder.ts";

const EVENTS = "test_events.py::EventLoopTestsMixin";
const UNTRUSTED = "UNABLE_TO_VERIFY_LEAF_SIGNATURE";
/** TLS of a client that believes everything. */
const TRUSTING = { rejectUnauthorized: false };

/** Connects to wherever a test has its server. */
type Connect = (
  factory: () => Recorder,
  tls: ClientTls,
  serverHostname?: string,
) => Awaitable<readonly [transport: Transport, protocol: Recorder]>;

function expectExtraInfo(transport: Transport) {
  expect(String(transport)).toMatch(/^<TlsTransport open /);
  const socket = transport.getExtraInfo("sslObject") as TLSSocket;
  expect(socket).toBeInstanceOf(TLSSocket);
  expect(transport.getExtraInfo("socket")).toBe(socket);
  expect(transport.getExtraInfo("cipher")).toEqual(socket.getCipher());
  expect(transport.getExtraInfo("cipher")).toMatchObject({ name: expect.any(String), version: "TLSv1.3" });
  expect(transport.getExtraInfo("peercert")).toMatchObject({ subject: { CN: "localhost" } });
  expect(transport.getExtraInfo("sslcontext")).toMatchObject({ context: expect.anything() });
  expect(transport.getExtraInfo("compression", "none")).toBe("none");
}

/** A client and a bare server of Node, which says something. */
async function expectClient(connect: Connect) {
  const [transport, protocol] = await connect(() => new Recorder(), TRUSTING);
  expectExtraInfo(transport);
  await protocol.heard.until(() => protocol.heard.lost);
  expect(protocol.heard.log).toEqual(["made", "data hello", "eof", ["lost", null]]);

  const refused = new Recorder();
  expect(await thrownBy(connect(() => refused, true))).toMatchObject({ code: UNTRUSTED });
  expect(refused.heard.log).toEqual([]);
}

test(`${EVENTS}.test_create_ssl_connection: a client with TLS knows its peer; by itself it trusts no certificate of an unknown authority`, () =>
  nodeProgram(async () => {
    await using peer = await TlsPeer.listening((socket) => socket.end("hello"));
    await expectClient((factory, tls) => createConnection(factory, "127.0.0.1", peer.port, { tls }));
  }));

test(`${EVENTS}.test_create_ssl_unix_connection: so does and is one through a Unix socket`, () =>
  nodeProgram(() =>
    withSocketPath(async (path) => {
      await using _ = await TlsPeer.listening((socket) => socket.end("hello"), {}, { path });
      await expectClient((factory, tls) => createUnixConnection(factory, path, { tls, serverHostname: "127.0.0.1" }));
    }),
  ));

/** A server with TLS, what it has accepted, and a way to connect to it. */
interface Served {
  readonly server: Server;
  readonly accepted: Accepted;
  readonly connect: Connect;
}

/** Runs `use` with a server on TCP, which is closed afterwards. */
async function overTcp(use: (served: Served) => PromiseLike<void>, tls = identity()) {
  const accepted = new Accepted();
  await using server = await createServer(accepted.factory, "127.0.0.1", 0, { tls });
  const { port } = server.sockets[0];
  const connect: Connect = (factory, tls, serverHostname) =>
    createConnection(factory, "127.0.0.1", port, { tls, serverHostname });
  await use({ server, accepted, connect });
}

/** As `overTcp`, on a Unix socket. */
function overUnix(use: (served: Served) => PromiseLike<void>) {
  return withSocketPath(async (path) => {
    const accepted = new Accepted();
    await using server = await createUnixServer(accepted.factory, path, { tls: identity() });
    const connect: Connect = (factory, tls, serverHostname = "") =>
      createUnixConnection(factory, path, { tls, serverHostname });
    await use({ server, accepted, connect });
  });
}

async function expectServed({ connect, accepted }: Served) {
  const [transport, client] = await connect(() => new Recorder(), TRUSTING);
  expectExtraInfo(transport);
  transport.write(Buffer.from("xxx"));
  await accepted.until(1);
  const [served] = accepted.all;
  await served.heard.until(() => served.heard.received === "xxx");
  expect(served.transport.getExtraInfo("peercert", "none")).toBe("none");
  served.transport.close();
  await client.heard.until(() => client.heard.lost);
  await served.heard.until(() => served.heard.lost);
  expect(served.heard.log).toEqual(["made", "data xxx", ["lost", null]]);
  expect(client.heard.log).toEqual(["made", "eof", ["lost", null]]);
}

test(`${EVENTS}.test_create_server_ssl: a server with TLS talks to a client; when it closes, both ends are lost in order`, () =>
  nodeProgram(() => overTcp(expectServed)));

test(`${EVENTS}.test_create_unix_server_ssl: so does one on a Unix socket`, () =>
  nodeProgram(() => overUnix(expectServed)));

/** The client says no while the handshake is going on: neither of the protocols hears of it. */
async function expectRefused(
  { server, connect, accepted }: Served,
  tls: ClientTls,
  name: string | undefined,
  error: object,
) {
  const client = new Recorder();
  expect(await thrownBy(connect(() => client, tls, name))).toMatchObject(error);
  // The handshake counts as a connection.
  server.close();
  await server.waitClosed();
  expect([client.heard.log, accepted.all]).toEqual([[], []]);
}

test(`${EVENTS}.test_create_server_ssl_verify_failed: a client that does not know the server's authority is not connected, and neither protocol hears of it`, () =>
  nodeProgram(() => overTcp((served) => expectRefused(served, true, undefined, { code: UNTRUSTED }))));

test(`${EVENTS}.test_create_unix_server_ssl_verify_failed: nor is one through a Unix socket`, () =>
  nodeProgram(() => overUnix((served) => expectRefused(served, true, "invalid", { code: UNTRUSTED }))));

test(`${EVENTS}.test_create_server_ssl_match_failed: a certificate for another name than the server's is refused, and neither protocol hears of it`, () =>
  nodeProgram(() =>
    overTcp(
      (served) => expectRefused(served, { ca }, undefined, { code: "ERR_TLS_CERT_ALTNAME_INVALID", host: "127.0.0.1" }),
      identity("other"),
    ),
  ));

async function expectVerified({ connect, accepted }: Served) {
  const [transport, client] = await connect(() => new Recorder(), { ca }, "localhost");
  await accepted.until(1);
  expectExtraInfo(transport);
  expect((transport.getExtraInfo("socket") as TLSSocket).authorized).toBe(true);
  const [served] = accepted.all;
  served.transport.close();
  transport.close();
  await served.heard.until(() => served.heard.lost);
  await client.heard.until(() => client.heard.lost);
  expect([served.heard.error, client.heard.error]).toEqual([null, null]);
}

test(`${EVENTS}.test_create_server_ssl_verified: a client that knows the authority and the name of the server is connected`, () =>
  nodeProgram(() => overTcp(expectVerified)));

test(`${EVENTS}.test_create_unix_server_ssl_verified: so is one through a Unix socket`, () =>
  nodeProgram(() => overUnix(expectVerified)));

for (const [id, certificate, code] of [
  ["test_ssl.py::TestSSL", "server", UNTRUSTED],
  ["test_sslproto.py::BaseStartTLS", "self-signed", "DEPTH_ZERO_SELF_SIGNED_CERT"],
] as const) {
  test(`${id}.test_create_connection_ssl_failed_certificate: openConnection() throws what is wrong with a certificate (${certificate}), also when no name is checked`, () =>
    nodeProgram(async () => {
      await using peer = await TlsPeer.listening(() => {}, identity(certificate));
      const options = { tls: true, serverHostname: "", handshakeTimeout: "30s" } as const;
      expect(await thrownBy(openConnection("127.0.0.1", peer.port, options))).toMatchObject({ code });
    }));
}

test("test_base_events.py::BaseEventLoopWithSelectorTests.test_create_connection_ssl_server_hostname_default: the server is asked for the host, unless another name is given or an empty one", () =>
  nodeProgram(async ({ log }) => {
    await using peer = await TlsPeer.listening((socket) => {
      log.push((socket as TLSSocket & { servername: unknown }).servername);
      socket.end();
    });
    for (const serverHostname of [undefined, "perl.test", ""]) {
      const options = { tls: TRUSTING, family: 4, serverHostname } as const;
      const [, { heard }] = await createConnection(() => new Recorder(), "localhost", peer.port, options);
      await heard.until(() => heard.lost);
    }
    expect(log).toEqual(["localhost", "perl.test", false]);
  }));
