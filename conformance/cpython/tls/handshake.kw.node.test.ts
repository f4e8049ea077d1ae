import { createConnection, openConnection } from "@tsyncio/node";
import { createSecureContext } from "node:tls";
import { TimeoutError, createTask, waitFor } from "tsyncio";
import { expect, test } from "vitest";
import { collectGarbage } from "../../../test/collect-garbage.ts";
import { nodeProgram } from "../../node-program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { PeerServer } from "../transports/peer.ts";
import { Recorder } from "../transports/recorder.ts";

/** Runs `use` with a server of Node that accepts, and knows nothing of TLS. */
async function withPlainServer(use: (server: PeerServer) => PromiseLike<void>) {
  const server = new PeerServer();
  await server.listen({ host: "127.0.0.1" });
  try {
    await use(server);
  } finally {
    server.close();
  }
}

for (const id of ["test_ssl.py::TestSSL", "test_sslproto.py::BaseStartTLS"]) {
  test(`${id}.test_create_connection_ssl_slow_handshake: a handshake that takes longer than it may is a TimeoutError, and the connection is aborted`, () =>
    nodeProgram(() =>
      withPlainServer(async (server) => {
        const options = { tls: true, serverHostname: "", handshakeTimeout: 50 } as const;
        const error = await thrownBy(openConnection("127.0.0.1", server.port, options));
        expect(error).toBeInstanceOf(TimeoutError);
        expect(error).toMatchObject({
          message: `Cannot do the TLS handshake with 127.0.0.1:${server.port}: it is not done within 50 ms`,
        });
        const peer = await server.accept();
        await peer.until(() => peer.ended);
        peer.socket.destroy();
      }),
    ));
}

/** A client gives up before a handshake that nobody answers may take too long. */
async function expectGivenUp(server: PeerServer, context: object) {
  const client = new Recorder();
  const options = { tls: context, serverHostname: "", handshakeTimeout: "10s" } as const;
  const connecting = createConnection(() => client, "127.0.0.1", server.port, options);
  expect(await thrownBy(waitFor(connecting, 50))).toBeInstanceOf(TimeoutError);
  const peer = await server.accept();
  await peer.until(() => peer.ended);
  peer.socket.destroy();
  expect(peer.received.length).toBeGreaterThan(100);
  expect(client.heard.log).toEqual([]);
}

test("test_ssl.py::TestSSL.test_ssl_handshake_timeout: a client that is cancelled during the handshake closes the connection, and nobody is told of an error", () =>
  nodeProgram(() => withPlainServer((server) => expectGivenUp(server, createSecureContext()))));

test("test_sslproto.py::BaseStartTLS.test_handshake_timeout: nothing is kept for the rest of the time that the handshake might have taken", () =>
  nodeProgram(({ loop }) =>
    withPlainServer(async (server) => {
      let context: object | null = createSecureContext();
      const kept = new WeakRef(context);
      await expectGivenUp(server, context);
      context = null;
      expect(loop.statistics().timers).toBe(0);
      await collectGarbage(() => kept.deref() === undefined);
      expect(kept.deref()).toBe(undefined);
    }),
  ));

test("test_ssl.py::TestSSL.test_ssl_handshake_connection_lost: a peer that leaves during the handshake is a lost connection to the caller; the protocol hears neither of a connection nor of its end", () =>
  nodeProgram(() =>
    withPlainServer(async (server) => {
      const client = new Recorder();
      const options = { tls: true, serverHostname: "" };
      const connecting = createTask(createConnection(() => client, "127.0.0.1", server.port, options));
      const peer = await server.accept();
      await peer.until(() => peer.received !== "");
      peer.socket.end();
      expect(await thrownBy(connecting)).toMatchObject({ code: "ECONNRESET" });
      expect(client.heard.log).toEqual([]);
    }),
  ));
