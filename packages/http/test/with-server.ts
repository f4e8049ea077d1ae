import type { IncomingMessage, ServerResponse } from "node:http";
import { HttpClient, type HttpClientOptions } from "@tsyncio/http";
import { type Awaitable, coroutine } from "tsyncio";
import { type Given } from "../../../conformance/program.ts";
import { ca } from "../../../test/tls/certificates.ts";
import { nodeProgram } from "../../../conformance/node-program.ts";
import { CountingServer } from "./counting-server.ts";

/** What a test has: a server, and a client for which it is the base of all URLs. */
export interface Web extends Given {
  readonly server: CountingServer;
  readonly client: HttpClient;
  readonly origin: string;
}

/**
 * Runs a test with a server and a client. When it has ended nothing may be left on the loop, and of sockets none.
 *
 * @param handler answers requests, in native code.
 * @param options of the client; with `http2` the server speaks that.
 */
export function withServer(
  handler: (request: IncomingMessage, response: ServerResponse) => unknown,
  body: (web: Web) => Awaitable<unknown>,
  options: HttpClientOptions = {},
): Promise<void> {
  const program = coroutine(function* program(given: Given): Generator<any, void, any> {
    const server = new CountingServer(handler, options.http2 ? "HTTP/2" : "HTTP/1.1");
    yield server.listen();
    const client = new HttpClient({ baseUrl: server.origin, tls: { ca }, ...options });
    try {
      yield body({ ...given, server, client, origin: server.origin });
      yield client.close();
    } finally {
      client.abort();
      yield server.close();
    }
  });
  return nodeProgram(program) as Promise<void>;
}
