import { createServer as createPlain, request as forward } from "node:http";
import { createServer as createSecure } from "node:https";
import { type AddressInfo, type Socket, connect } from "node:net";
import { HttpClient } from "@tsyncio/http";
import { sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { ca, identity } from "../../../../test/tls/certificates.ts";
import { proxyChoice } from "../../src/wire/proxy.ts";
import { echo } from "../counting-server.ts";

/** A proxy, a server behind it, and one behind it that speaks TLS. */
class House {
  /** What the proxy was asked for. */
  readonly asked: string[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #servers;

  constructor(proxySpeaksTls = false) {
    const proxy = proxySpeaksTls ? createSecure(identity()) : createPlain();
    proxy.on("request", (request, response) => {
      this.asked.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"] ?? "nobody"}`);
      const { headers, method } = request;
      const on = forward(request.url as string, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode as number, answer.headers);
        answer.pipe(response);
      });
      request.pipe(on);
    });
    proxy.on("connect", (request, socket: Socket) => {
      this.asked.push(`CONNECT ${request.url} ${request.headers["proxy-authorization"] ?? "nobody"}`);
      if (request.url?.startsWith("forbidden")) return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      const [, port] = (request.url as string).split(":");
      const on = connect(Number(port), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        on.pipe(socket).pipe(on);
      });
      this.#keep(on);
      socket.on("error", () => {}).on("close", () => on.destroy());
    });
    this.#servers = [proxy, createPlain(echo), createSecure(identity(), echo)];
    for (const server of this.#servers) server.on("connection", (socket: Socket) => this.#keep(socket));
  }

  get open(): number {
    return this.#sockets.size;
  }

  async listen(): Promise<[proxy: number, plain: number, secure: number]> {
    for (const server of this.#servers) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return this.#servers.map((server) => (server.address() as AddressInfo).port) as [number, number, number];
  }

  async close() {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket));
  }
}

describe.each([
  ["http", false],
  ["https", true],
])("a proxy that speaks %s", (protocol, secure) => {
  test("is handed plain requests, and connects to servers with TLS", () =>
    nodeProgram(async () => {
      const house = new House(secure);
      const [proxy, plain, tls] = await house.listen();
      const client = new HttpClient({ proxy: `${protocol}://me:p%40ss@localhost:${proxy}`, tls: { ca } });
      const me = `Basic ${Buffer.from("me:p@ss").toString("base64")}`;
      for (let i = 0; i < 2; i++) {
        const answer = (await client.get(`http://127.0.0.1:${plain}/a?b`)).json();
        expect(answer).toMatchObject({ method: "GET", url: "/a?b", headers: { host: `127.0.0.1:${plain}` } });
        expect((await client.post(`https://localhost:${tls}/c`, { json: 1 })).json()).toMatchObject({
          url: "/c",
          body: "1",
        });
      }
      expect((await client.get(`http://127.0.0.1:${plain}/`, { headers: { host: "other" } })).json().headers.host).toBe(
        "other",
      );
      const handed = `GET http://127.0.0.1:${plain}/a?b ${me}`;
      expect(house.asked).toEqual([
        handed,
        `CONNECT localhost:${tls} ${me}`,
        handed,
        `GET http://127.0.0.1:${plain}/ ${me}`,
      ]);
      expect(await thrownBy(client.get("https://forbidden.example/", { retry: false }))).toMatchObject({
        code: "TSYNCIO_HTTP_CONNECT",
        message: `Cannot GET https://forbidden.example/: the proxy localhost:${proxy} declines with status 403 Forbidden`,
      });
      await client.close();
      while (house.open > 0) await sleep(1);
      await house.close();
    }));
});

test("a proxy that is not there is an error of the connection", () =>
  nodeProgram(async () => {
    await using client = new HttpClient({ proxy: "http://127.0.0.1:1", retry: false });
    for (const url of ["http://host.example/", "https://host.example/"])
      expect(await thrownBy(client.get(url))).toMatchObject({
        code: "TSYNCIO_HTTP_CONNECT",
        cause: { code: "ECONNREFUSED" },
      });
  }));

describe("the proxy of the environment", () => {
  const chosen = (environment: Record<string, string>, url: string) =>
    proxyChoice("environment", environment)(new URL(url))?.href ?? null;
  const both = { HTTP_PROXY: "http://a:1", HTTPS_PROXY: "http://b:2" };

  test.each([
    [both, "http://host/", "http://a:1/"],
    [both, "https://host/", "http://b:2/"],
    [{ http_proxy: "a:1" }, "http://host/", "http://a:1/"],
    [{ http_proxy: "http://c:3", ...both }, "http://host/", "http://c:3/"],
    [{ ALL_PROXY: "http://d:4" }, "https://host/", "http://d:4/"],
    [{ HTTP_PROXY: "http://a:1" }, "https://host/", null],
    [{ ...both, NO_PROXY: "*" }, "http://host/", null],
    [{ ...both, NO_PROXY: "example.com, .internal" }, "http://api.example.com/", null],
    [{ ...both, NO_PROXY: "example.com, .internal" }, "http://x.internal/", null],
    [{ ...both, NO_PROXY: "example.com" }, "http://badexample.com/", "http://a:1/"],
    [{ ...both, no_proxy: "localhost:8080" }, "http://localhost:8080/", null],
    [{ ...both, no_proxy: "localhost:8080" }, "http://localhost/", "http://a:1/"],
    [{ ...both, no_proxy: "host:443" }, "https://host/", null],
    [{ HTTP_PROXY: "http://evil:1", REQUEST_METHOD: "GET" }, "http://host/", null],
    [{}, "http://host/", null],
  ])("is, for %o and %s, %s", (environment, url, expected) => {
    expect(chosen(environment as Record<string, string>, url)).toBe(expected);
  });

  test("that is none is refused when the client is made", () => {
    expect(() => proxyChoice("environment", { HTTP_PROXY: "socks5://a:1" })).toThrow(
      'Cannot use HTTP_PROXY: the proxy must speak HTTP or HTTPS, received "socks5://a:1"',
    );
    expect(() => new HttpClient({ proxy: "nothing" })).toThrow("Cannot use proxy: expected a URL");
  });
});
