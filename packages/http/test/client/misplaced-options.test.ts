import { HttpClient, type HttpClientOptions, type HttpTransport, UndiciTransport } from "@tsyncio/http";
import { expect, test } from "vitest";

const transport: HttpTransport = new UndiciTransport();

test.each<HttpClientOptions>([
  { proxy: "http://proxy.test:3128" },
  { tls: { rejectUnauthorized: false } },
  { http2: true },
  { connectionsPerOrigin: 1 },
])("what is for sockets is not passed over in silence beside a transport: %j", (options) => {
  expect(() => new HttpClient({ ...options, transport })).toThrow(
    new TypeError(
      `Cannot create HttpClient: ${Object.keys(options)[0]} is for sockets, and a transport takes their place; ` +
        "pass it to new UndiciTransport()",
    ),
  );
});

test.each<HttpClientOptions>([
  { proxy: null },
  { transport },
  { limits: { requests: "1/1s" } },
  { concurrency: 1 },
  { breaker: {} },
])("what clients share cannot be changed by extend: %o", (options) => {
  expect(() => new HttpClient().extend(options)).toThrow(
    new TypeError(
      `Cannot extend HttpClient: it shares ${Object.keys(options)[0]} with the new one; make another with new HttpClient()`,
    ),
  );
});

test("an option that is undefined is not given", () => {
  const client = new HttpClient({ transport, proxy: undefined });
  expect(client.extend({ limits: undefined } as HttpClientOptions)).toBeInstanceOf(HttpClient);
});
