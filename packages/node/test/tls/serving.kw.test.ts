import {
  type ServerTls,
  type Transport,
  createConnection,
  createServer,
  createUnixConnection,
  createUnixServer,
} from "@tsyncio/node";
import { type TLSSocket, connect, createSecureContext } from "node:tls";
import { createTask, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { Accepted } from "../../../../conformance/cpython/servers/accepting.ts";
import { clientOf } from "../../../../conformance/cpython/servers/clients.ts";
import { withSocketPath } from "../../../../conformance/cpython/servers/socket-path.ts";
import { Peer } from "../../../../conformance/cpython/transports/peer.ts";
import { Recorder } from "../../../../conformance/cpython/transports/recorder.ts";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { ca, identity } from "../../../../test/tls/certificates.ts";

const CLIENT = { tls: { ca }, serverHostname: "localhost" };

/** The socket of a transport. */
const socketOf = (transport: Transport) => transport.getExtraInfo("sslObject") as TLSSocket;

/** Runs `use` with the port of a server, and with what it has accepted. */
async function withServer(tls: ServerTls, use: (port: number, accepted: Accepted) => PromiseLike<void>) {
  const accepted = new Accepted();
  const server = await createServer(accepted.factory, "127.0.0.1", 0, { tls });
  await use(server.sockets[0].port, accepted);
  server.close();
  server.closeClients();
  await server.waitClosed();
}

/** Connects, and leaves in order; gives what `look` has seen of the connection. */
async function visit<T>(
  port: number,
  options: Parameters<typeof createConnection>[3],
  look: (transport: Transport) => T,
) {
  const [transport, { heard }] = await createConnection(() => new Recorder(), "127.0.0.1", port, options);
  const seen = look(transport);
  transport.close();
  await heard.until(() => heard.lost);
  expect(heard.error).toBe(null);
  return seen;
}

describe("a server", () => {
  test("has another certificate for another name that it is asked for", () => {
    const contexts = {
      localhost: createSecureContext(identity()),
      "other.test": createSecureContext(identity("other")),
    };
    const tls: ServerTls = {
      ...identity("self-signed"),
      SNICallback: (name, answer) => answer(null, contexts[name as keyof typeof contexts]),
    };
    return nodeProgram(() =>
      withServer(tls, async (port, accepted) => {
        for (const serverHostname of Object.keys(contexts)) {
          const options = { tls: { ca }, serverHostname };
          const certificate = await visit(port, options, (transport) => transport.getExtraInfo("peercert"));
          expect(certificate).toMatchObject({ subject: { CN: serverHostname } });
        }
        await accepted.until(2);
        const names = accepted.all.map(({ transport }) => (socketOf(transport) as { servername?: string }).servername);
        expect(names).toEqual(Object.keys(contexts));
        const connecting = createConnection(() => new Recorder(), "127.0.0.1", port, { tls: { ca } });
        expect(await thrownBy(connecting)).toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
      }),
    );
  });

  test("agrees with the client on a protocol (ALPN)", () =>
    nodeProgram(() =>
      withServer({ ...identity(), ALPNProtocols: ["h2", "http/1.1"] }, async (port, accepted) => {
        const agreed = (...ALPNProtocols: string[]) =>
          visit(port, { ...CLIENT, tls: { ca, ALPNProtocols } }, (transport) => socketOf(transport).alpnProtocol);
        expect(await agreed("http/1.1", "h2")).toBe("h2");
        expect(await agreed("http/1.1")).toBe("http/1.1");
        await accepted.until(2);
        expect(accepted.all.map(({ transport }) => socketOf(transport).alpnProtocol)).toEqual(["h2", "http/1.1"]);
        expect(await thrownBy(agreed("smtp"))).toMatchObject({
          code: expect.stringMatching(/NO_APPLICATION_PROTOCOL$/),
        });
      }),
    ));

  test.each([
    ["a SecureContext", createSecureContext(identity())],
    ["options with a SecureContext among them", { secureContext: createSecureContext(identity()) }],
  ])("takes %s, and so does a client", (_, tls) =>
    nodeProgram(() =>
      withServer(tls, async (port) => {
        const context = createSecureContext({ ca });
        const options = { tls: context, serverHostname: "localhost" };
        const seen = await visit(port, options, (transport) => [
          socketOf(transport).authorized,
          transport.getExtraInfo("sslcontext"),
        ]);
        expect(seen).toEqual([true, context]);
        expect(seen[1]).toBe(context);
      }),
    ),
  );

  test.each(["TLSv1.2", "TLSv1.3"] as const)("hears in order a client that says something and leaves: %s", (version) =>
    nodeProgram(() =>
      withServer({ ...identity(), maxVersion: version, minVersion: version }, async (port, accepted) => {
        const socket = connect({ port, host: "127.0.0.1", ca });
        socket.end("all in one go");
        const peer = new Peer(socket);
        await accepted.until(1);
        const [{ heard }] = accepted.all;
        await heard.until(() => heard.lost);
        expect(heard.log).toEqual(["made", "data all in one go", "eof", ["lost", null]]);
        await peer.until(() => peer.closed);
        expect(peer.ended).toBe(true);
      }),
    ),
  );

  test("on a Unix socket knows the addresses", () =>
    nodeProgram(() =>
      withSocketPath(async (path) => {
        const accepted = new Accepted();
        await using server = await createUnixServer(accepted.factory, path, { tls: identity() });
        const [transport, { heard }] = await createUnixConnection(() => new Recorder(), path, CLIENT);
        expect(transport.getExtraInfo("peername")).toEqual({ address: path, port: 0, family: "Unix" });
        await accepted.until(1);
        expect(accepted.all[0].transport.getExtraInfo("sockname")).toEqual({ address: path, port: 0, family: "Unix" });
        server.closeClients();
        await heard.until(() => heard.lost);
      }),
    ));
});

describe("a handshake that goes on is a connection of its server:", () => {
  test.each(["closeClients", "abortClients"] as const)("%s() ends it", (method) =>
    nodeProgram(async () => {
      const accepted = new Accepted();
      const server = await createServer(accepted.factory, "127.0.0.1", 0, { tls: identity() });
      const peer = await clientOf(server);
      await sleep(10);
      server.close();
      const closed = createTask(server.waitClosed());
      await sleep(10);
      expect(closed.done()).toBe(false);
      server[method]();
      await closed;
      await peer.until(() => peer.ended);
      peer.socket.destroy();
      expect(accepted.all).toEqual([]);
    }),
  );

  test("waitClosed() waits for it, and for what becomes of it", () =>
    nodeProgram(async () => {
      const accepted = new Accepted();
      const server = await createServer(accepted.factory, "127.0.0.1", 0, { tls: identity() });
      const peer = await clientOf(server);
      await sleep(10);
      server.close();
      const closed = createTask(server.waitClosed());
      const secured = connect({ socket: peer.socket, ca, servername: "localhost" });
      await accepted.until(1);
      await sleep(10);
      expect(closed.done()).toBe(false);
      secured.end();
      await closed;
      expect(accepted.all[0].heard.log).toEqual(["made", "eof", ["lost", null]]);
    }));
});
