import {
  connectAcceptedSocket,
  createConnection,
  createServer,
  createUnixConnection,
  createUnixServer,
  startTls,
} from "@tsyncio/node";
import { Socket } from "node:net";
import { expect, test } from "vitest";
import { ca, identity } from "../../../test/tls/certificates.ts";
import { nodeProgram } from "../../node-program.ts";
import { Recorder } from "../transports/recorder.ts";

const BASE = "test_base_events.py::BaseEventLoopWithSelectorTests";
const UNIX = "test_unix_events.py::SelectorEventLoopUnixSocketTests";
const factory = () => new Recorder();

/** It is thrown at the call, before anything is begun. */
function expectAtOnce(cases: readonly (readonly [call: () => unknown, error: Error])[]) {
  return nodeProgram(async () => {
    for (const [call, error] of cases) {
      expect(call).toThrow(error);
      expect(call).toThrow(error.constructor as ErrorConstructor);
    }
  });
}

const nothing = (what: string, name: string) => new RangeError(`Cannot ${what}: ${name} means nothing without tls`);
const nameless = (what: string) =>
  new RangeError(
    `Cannot ${what}: tls needs the name of the server, and there is no host; pass serverHostname, "" checks none`,
  );

test(`${BASE}.test_create_connection_no_ssl_server_hostname_errors: a server's hostname without TLS is refused, an empty one too`, () =>
  expectAtOnce(
    ["", "python.org"].map((serverHostname) => [
      () => createConnection(factory, "python.org", 80, { serverHostname }),
      nothing("create connection", "serverHostname"),
    ]),
  ));

test(`${BASE}.test_create_connection_ssl_server_hostname_errors: TLS without a host needs the server's hostname`, () =>
  expectAtOnce([
    [() => createConnection(factory, "", 80, { tls: true }), nameless("create connection")],
    [() => createConnection(factory, null, 80, { tls: true }), nameless("create connection")],
    [() => createConnection(factory, null, null, { tls: true, socket: new Socket() }), nameless("create connection")],
  ]));

test(`${BASE}.test_create_connection_ssl_timeout_for_plain_socket: a time limit for the handshake without TLS is refused`, () =>
  expectAtOnce([
    [
      () => createConnection(factory, "example.com", 80, { handshakeTimeout: 1_000 }),
      nothing("create connection", "handshakeTimeout"),
    ],
    [
      () => createConnection(factory, "example.com", 80, { shutdownTimeout: 1_000 }),
      nothing("create connection", "shutdownTimeout"),
    ],
  ]));

test(`${BASE}.test_create_server_ssl_timeout_for_plain_socket: so it is for a server`, () =>
  expectAtOnce([
    [
      () => createServer(factory, "example.com", 80, { handshakeTimeout: 1_000 }),
      nothing("create server", "handshakeTimeout"),
    ],
  ]));

test("test_events.py::EventLoopTestsMixin.test_connect_accepted_socket_ssl_timeout_for_plain_socket: so it is for a socket that was accepted elsewhere", () =>
  expectAtOnce([
    [
      () => connectAcceptedSocket(factory, new Socket(), { handshakeTimeout: 1_000 }),
      nothing("connect accepted socket", "handshakeTimeout"),
    ],
  ]));

test(`${UNIX}.test_create_unix_connection_nossl_serverhost: a server's hostname for a plain connection to a Unix socket is refused`, () =>
  expectAtOnce([
    [
      () => createUnixConnection(factory, "/dev/null", { serverHostname: "spam" }),
      nothing("create Unix connection", "serverHostname"),
    ],
  ]));

test(`${UNIX}.test_create_unix_connection_ssl_noserverhost: TLS through a Unix socket needs the server's hostname`, () =>
  expectAtOnce([
    [() => createUnixConnection(factory, "/dev/null", { tls: true }), nameless("create Unix connection")],
  ]));

test(`${UNIX}.test_create_unix_connection_ssl_timeout_with_plain_sock: a time limit for the handshake of a plain connection to a Unix socket is refused`, () =>
  expectAtOnce([
    [
      () => createUnixConnection(factory, "spam", { handshakeTimeout: 1_000 }),
      nothing("create Unix connection", "handshakeTimeout"),
    ],
  ]));

test(`${UNIX}.test_create_unix_server_ssl_bool: a server cannot have TLS without saying which: true is refused`, () =>
  expectAtOnce(
    [true, false].map((tls) => [
      () => createUnixServer(factory, "spam", { tls: tls as never }),
      new TypeError(
        `Cannot create Unix server: tls must be options of node:tls, such as { cert, key }, or a SecureContext, received ${tls}`,
      ),
    ]),
  ));

test(`${UNIX}.test_create_unix_server_ssl_timeout_with_plain_sock: a time limit for the handshakes of a plain server on a Unix socket is refused`, () =>
  expectAtOnce([
    [
      () => createUnixServer(factory, "spam", { handshakeTimeout: 1_000 }),
      nothing("create Unix server", "handshakeTimeout"),
    ],
  ]));

const HANDSHAKE = "test_sslproto.py::SslProtoHandshakeTests";

/** Every way to TLS refuses a time limit that has passed from the start. */
function expectPositive(handshakeTimeout: number) {
  const error = (what: string) =>
    new RangeError(`Cannot ${what}: handshakeTimeout must be above 0, received ${handshakeTimeout}`);
  const client = { tls: { ca }, handshakeTimeout };
  const server = { tls: identity(), handshakeTimeout };
  return expectAtOnce([
    [() => createConnection(factory, "localhost", 80, client), error("create connection")],
    [
      () => createUnixConnection(factory, "spam", { ...client, serverHostname: "spam" }),
      error("create Unix connection"),
    ],
    [() => createServer(factory, "localhost", 80, server), error("create server")],
    [() => createUnixServer(factory, "spam", server), error("create Unix server")],
    [() => connectAcceptedSocket(factory, new Socket(), server), error("connect accepted socket")],
    [
      () => startTls(null as never, factory(), { ca }, { serverHostname: "localhost", handshakeTimeout }),
      error("start TLS"),
    ],
  ]);
}

test(`${HANDSHAKE}.test_handshake_timeout_zero: a time limit of nothing for the handshake is refused`, () =>
  expectPositive(0));

test(`${HANDSHAKE}.test_handshake_timeout_negative: so is one below`, () => expectPositive(-10));

test("test_sslproto.py::BaseStartTLS.test_start_tls_wrong_args: startTls() wants TLS first, and then the transport of a stream connection", () =>
  expectAtOnce([
    [
      () => startTls(null as never, null as never, null as never),
      new TypeError("Cannot start TLS: tls must be true, options or a SecureContext of node:tls, received null"),
    ],
    [
      () => startTls(null as never, null as never, { ca }, { serverHostname: "localhost" }),
      new TypeError("Cannot start TLS: expected the transport of a stream connection, received null"),
    ],
  ]));
