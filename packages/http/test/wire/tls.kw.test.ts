import { createServer } from "node:https";
import { createSecureServer } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket, TlsOptions as ServerOptions } from "node:tls";
import { HttpClient, type HttpClientOptions } from "@tsyncio/http";
import { gather } from "tsyncio";
import { describe, expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { ca, identity } from "../../../../test/tls/certificates.ts";

/** Runs a test with a server that tells whom it sees. */
function secured(
  options: HttpClientOptions,
  body: (client: HttpClient, port: number, connections: () => number) => unknown,
  serving: ServerOptions = identity(),
  http2 = false,
) {
  return nodeProgram(async () => {
    const sockets = new Set<Socket>();
    let connections = 0;
    const server = http2 ? createSecureServer({ ...serving, allowHTTP1: true }) : createServer(serving);
    server.on("connection", (socket: Socket) => {
      connections++;
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    });
    server
      .on("tlsClientError", () => {})
      .on("request", (request: { socket: TLSSocket; httpVersion: string }, response: { end(text: string): void }) => {
        const seen = http2 ? null : request.socket.getPeerCertificate().subject?.CN;
        response.end(`${request.httpVersion} ${seen ?? "nobody"}`);
      });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const client = new HttpClient({ retry: false, ...options });
    try {
      await body(client, (server.address() as AddressInfo).port, () => connections);
      await client.close();
    } finally {
      client.abort();
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  });
}

describe("a server with TLS", () => {
  test("is trusted by its authority", () =>
    secured({ tls: { ca } }, async (client, port) => {
      expect((await client.get(`https://localhost:${port}/`)).text()).toBe("1.1 nobody");
    }));

  test.each([
    ["of an authority that nobody knows", {}, identity()],
    ["of its own", { ca }, identity("self-signed")],
    ["that has expired", { ca }, identity("expired")],
    ["of somebody else", { ca }, identity("other")],
  ])("with a certificate %s is an error of the connection", (_name, tls, serving) =>
    secured(
      { tls },
      async (client, port) => {
        expect(await thrownBy(client.get(`https://localhost:${port}/`))).toMatchObject({
          code: "TSYNCIO_HTTP_CONNECT",
          cause: { code: expect.stringMatching(/CERT|SIGNATURE|ISSUER/) },
        });
        const trusting = new HttpClient({ tls: { rejectUnauthorized: false } });
        expect((await trusting.get(`https://localhost:${port}/`)).status).toBe(200);
        await trusting.close();
      },
      serving,
    ),
  );

  test("may have another name than that of its host", () =>
    secured({ tls: { ca, serverName: "localhost" } }, async (client, port) => {
      expect((await client.get(`https://127.0.0.1:${port}/`)).status).toBe(200);
    }));

  test("sees who presents itself", () =>
    secured(
      { tls: { ca, ...identity("client") } },
      async (client, port) => {
        expect((await client.get(`https://localhost:${port}/`)).text()).toBe("1.1 a client");
      },
      { ...identity(), ca, requestCert: true },
    ));

  test("that speaks plainly is an error of the connection", () =>
    secured({ tls: { ca } }, async (client, port) => {
      expect(await thrownBy(client.get(`http://localhost:${port}/`))).toMatchObject({
        code: /TSYNCIO_HTTP_(CONNECTION|PROTOCOL)|/,
      });
    }));
});

describe("HTTP/2", () => {
  test("is spoken with a server that chooses it, on one connection", () =>
    secured(
      { tls: { ca }, http2: true },
      async (client, port, connections) => {
        const all = Array.from({ length: 50 }, (_, i) =>
          i % 2 === 0
            ? client.get(`https://localhost:${port}/`)
            : client.post(`https://localhost:${port}/`, { json: i }),
        );
        const answers = await gather(...all);
        expect(new Set(answers.map((answer) => answer.text()))).toEqual(new Set(["2.0 nobody"]));
        expect(connections()).toBe(1);
      },
      identity(),
      true,
    ));

  test("is not spoken unless that is asked for, nor with a server that does not", () =>
    secured(
      { tls: { ca } },
      async (client, port) => {
        expect((await client.get(`https://localhost:${port}/`)).text()).toBe("1.1 nobody");
      },
      identity(),
      true,
    ));

  test("falls back to HTTP/1.1, with as many connections as are needed", () =>
    secured({ tls: { ca }, http2: true }, async (client, port, connections) => {
      const answers = await gather(Array.from({ length: 10 }, () => client.get(`https://localhost:${port}/`)));
      expect(answers.map((answer) => answer.text())).toEqual(Array.from({ length: 10 }, () => "1.1 nobody"));
      expect(connections()).toBeGreaterThan(1);
    }));
});
