import { createConnection } from "@tsyncio/node";
import type { Socket } from "node:net";
import { TimeoutError, createTask, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { PeerServer } from "../../../../conformance/cpython/transports/peer.ts";
import { Recorder } from "../../../../conformance/cpython/transports/recorder.ts";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { ca, identity } from "../../../../test/tls/certificates.ts";
import { TlsPeer } from "../../../../test/tls/tls-peer.ts";

/** How a ServerHello begins. */
const HALF_A_HELLO = Buffer.from("160303007a020000760303", "hex");
const GARBAGE = Buffer.from("HTTP/1.0 400 Bad Request\r\n\r\nspeak plainly");

/** What is thrown when a plain server, which knows nothing of TLS, deals with a client of TLS like this. */
async function failure(misbehave: (socket: Socket) => unknown, options: { handshakeTimeout?: number } = {}) {
  const server = new PeerServer();
  await server.listen({ host: "127.0.0.1" });
  const client = new Recorder();
  const connecting = createTask(createConnection(() => client, "127.0.0.1", server.port, { tls: { ca }, ...options }));
  const peer = await server.accept();
  const misbehaving = createTask((async () => void (await misbehave(peer.socket)))());
  const error = await thrownBy(connecting);
  // The client is gone, whatever the server does.
  await peer.until(() => peer.ended || peer.closed);
  misbehaving.cancel();
  peer.socket.destroy();
  server.close();
  expect(client.heard.log).toEqual([]);
  return error;
}

describe("a client of a server that", () => {
  test("sends garbage throws that it is no TLS", () =>
    nodeProgram(async () => {
      expect(await failure((socket) => socket.write(GARBAGE))).toMatchObject({
        code: expect.stringMatching(/^ERR_SSL_/),
      });
    }));

  test("sends garbage before the client begins throws that it is no TLS", () =>
    nodeProgram(async () => {
      expect(await failure((socket) => socket.end(GARBAGE))).toMatchObject({
        code: expect.stringMatching(/^ERR_SSL_|^ECONNRESET/),
      });
    }));

  test("closes at once throws that the connection is reset", () =>
    nodeProgram(async () => {
      expect(await failure((socket) => socket.end())).toMatchObject({ code: "ECONNRESET" });
    }));

  test("resets the connection throws that it is reset", () =>
    nodeProgram(async () => {
      expect(await failure((socket) => socket.resetAndDestroy())).toMatchObject({ code: "ECONNRESET" });
    }));

  test("closes within its hello throws that the connection is reset", () =>
    nodeProgram(async () => {
      expect(await failure((socket) => socket.end(HALF_A_HELLO))).toMatchObject({ code: "ECONNRESET" });
    }));

  test("stops within its hello throws a TimeoutError after the time limit", () =>
    nodeProgram(async () => {
      const error = await failure((socket) => socket.write(HALF_A_HELLO), { handshakeTimeout: 40 });
      expect(error).toBeInstanceOf(TimeoutError);
    }));

  test("drips its hello does not prolong the time limit", () =>
    nodeProgram(async ({ loop }) => {
      const begin = loop.time();
      const drip = async (socket: Socket) => {
        for (const byte of HALF_A_HELLO) {
          socket.write(Buffer.of(byte));
          await sleep(10);
        }
      };
      expect(await failure(drip, { handshakeTimeout: 50 })).toBeInstanceOf(TimeoutError);
      expect(loop.time() - begin).toBeGreaterThanOrEqual(50);
    }));

  test("never answers throws a TimeoutError that says with whom", () =>
    nodeProgram(async () => {
      const error = await failure(() => {}, { handshakeTimeout: 40 });
      expect(String(error)).toMatch(
        /^TimeoutError: Cannot do the TLS handshake with 127\.0\.0\.1:\d+: it is not done within 40 ms$/,
      );
    }));
});

describe("the certificate of a server", () => {
  test.each([
    ["is of no authority", "self-signed", "localhost", "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["has expired", "expired", "localhost", "CERT_HAS_EXPIRED"],
    ["is for another name", "other", "localhost", "ERR_TLS_CERT_ALTNAME_INVALID"],
    [
      "is for the address and not for the name that is asked for",
      "server",
      "other.test",
      "ERR_TLS_CERT_ALTNAME_INVALID",
    ],
  ] as const)("%s: the client is not connected", (_, certificate, serverHostname, code) =>
    nodeProgram(async () => {
      await using peer = await TlsPeer.listening(() => {}, identity(certificate));
      const client = new Recorder();
      const options = { tls: { ca }, serverHostname };
      const connecting = createConnection(() => client, "127.0.0.1", peer.port, options);
      expect(await thrownBy(connecting)).toMatchObject({ code });
      expect(client.heard.log).toEqual([]);
    }),
  );

  test("is checked for the host when the name is not to be sent", () =>
    nodeProgram(async () => {
      await using peer = await TlsPeer.listening(() => {}, identity("other"));
      const options = { tls: { ca, servername: "" } };
      const connecting = createConnection(() => new Recorder(), "127.0.0.1", peer.port, options);
      expect(await thrownBy(connecting)).toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID", host: "127.0.0.1" });
    }));

  test("is checked for the name among Node's options, if none is given beside them", () =>
    nodeProgram(async () => {
      await using peer = await TlsPeer.listening((socket) => void socket.resume(), identity("other"));
      const options = { tls: { ca, servername: "other.test" } };
      const [transport, { heard }] = await createConnection(() => new Recorder(), "127.0.0.1", peer.port, options);
      transport.close();
      await heard.until(() => heard.lost);
      const both = createConnection(() => new Recorder(), "127.0.0.1", peer.port, {
        ...options,
        serverHostname: "localhost",
      });
      expect(await thrownBy(both)).toMatchObject({ host: "localhost" });
    }));

  test("is taken as it is with rejectUnauthorized false", () =>
    nodeProgram(async () => {
      await using peer = await TlsPeer.listening(() => {}, identity("expired"));
      const options = { tls: { rejectUnauthorized: false } };
      const [transport, { heard }] = await createConnection(() => new Recorder(), "127.0.0.1", peer.port, options);
      expect(transport.getExtraInfo("socket")).toMatchObject({ authorized: false });
      transport.close();
      await heard.until(() => heard.lost);
    }));

  test("is checked by the function that is given", () =>
    nodeProgram(async ({ log }) => {
      await using peer = await TlsPeer.listening();
      const refused = new Error("not that one");
      const checkServerIdentity = (name: string) => {
        log.push(name);
        return refused;
      };
      const options = { tls: { ca, checkServerIdentity }, serverHostname: "localhost" };
      expect(await thrownBy(createConnection(() => new Recorder(), "127.0.0.1", peer.port, options))).toBe(refused);
      expect(log).toEqual(["localhost"]);
    }));
});

test("a server that does not speak the client's version of TLS is refused", () =>
  nodeProgram(async () => {
    await using peer = await TlsPeer.listening(() => {}, { maxVersion: "TLSv1.2" });
    const options = { tls: { ca, minVersion: "TLSv1.3" } } as const;
    const error = await thrownBy(createConnection(() => new Recorder(), "127.0.0.1", peer.port, options));
    expect(error).toMatchObject({ code: "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION" });
  }));

test("a key that is none is Node's error, before anything is connected", () =>
  nodeProgram(async () => {
    const options = { tls: { ca, cert: identity().cert, key: "no key" } };
    expect(() => createConnection(() => new Recorder(), "127.0.0.1", 1, options)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^ERR_OSSL_/) }),
    );
  }));
