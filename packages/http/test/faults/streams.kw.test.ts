import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { CancelledError, RuntimeError, createTask, sleep } from "tsyncio";
import { HttpConnectionError, HttpProtocolError, type StreamingResponse } from "@tsyncio/http";
import { describe, expect, test } from "vitest";
import { errorOf } from "../../../../conformance/program.ts";
import { withServer } from "../with-server.ts";

const TEXT = Array.from({ length: 2000 }, (_, i) => `line ${i}`).join("\n");
const GZIP = gzipSync(TEXT);

/** Two thirds of a body, and nothing more: as it is, or encoded. */
function twoThirds(request: IncomingMessage, response: ServerResponse): void {
  const body = request.url === "/gzip" ? GZIP : Buffer.from(TEXT);
  if (request.url === "/gzip") response.setHeader("content-encoding", "gzip");
  response.write(body.subarray(0, (body.length * 2) / 3));
}

const READERS: [how: string, read: (response: StreamingResponse) => PromiseLike<unknown>][] = [
  [
    "parts",
    async (response) => {
      for await (const part of response) void part;
    },
  ],
  [
    "lines",
    async (response) => {
      for await (const line of response.lines()) void line;
    },
  ],
  ["text()", (response) => response.text()],
  ["bytes()", (response) => response.bytes()],
];

describe.each(READERS)("a body that is read by %s", (_, read) => {
  test.each(["/", "/gzip"])("closes its connection when who reads %s is cancelled", (path) =>
    withServer(twoThirds, async ({ client, server }) => {
      const response = await client.stream("GET", path);
      const reading = createTask(read(response));
      await sleep(20);
      reading.cancel();
      expect(await errorOf(reading)).toBeInstanceOf(CancelledError);
      while (server.open > 0) await sleep(1);
      expect(client.statistics()).toMatchObject({ [server.origin]: { sockets: 0, inFlight: 0 } });
    }),
  );

  test.each(["/", "/gzip"])("is an error when the connection breaks in the middle of %s", (path) =>
    withServer(
      (request, response) => {
        twoThirds(request, response);
        setTimeout(() => response.destroy(), 20);
      },
      async ({ client }) => {
        await using response = await client.stream("GET", path);
        expect(await errorOf(read(response))).toBeInstanceOf(HttpConnectionError);
      },
    ),
  );

  test("is an error when it says that it is gzip, and ends too early or is none", () =>
    withServer(
      (request, response) => {
        response.setHeader("content-encoding", "gzip");
        response.end(request.url === "/early" ? GZIP.subarray(0, GZIP.length / 2) : TEXT);
      },
      async ({ client }) => {
        for (const path of ["/early", "/none"]) {
          await using response = await client.stream("GET", path);
          const error = await errorOf(read(response));
          expect(error).toBeInstanceOf(HttpProtocolError);
          expect(String(error)).toContain("the body is not gzip, as it says");
        }
      },
    ));

  test("cannot be read when it is closed", () =>
    withServer(twoThirds, async ({ client }) => {
      const response = await client.stream("GET", "/");
      await response.close();
      const error = await errorOf(read(response));
      expect(error).toBeInstanceOf(RuntimeError);
      expect(error).toMatchObject({ message: "Cannot read the body: it is closed; read it before that" });
    }));
});

test("a body that is closed while it is read is an error for who reads", () =>
  withServer(twoThirds, async ({ client }) => {
    const response = await client.stream("GET", "/");
    const reading = createTask(response.text());
    await sleep(20);
    await response.close();
    expect(await errorOf(reading)).toBeInstanceOf(RuntimeError);
  }));

test("a body that is read to its end may be closed, and its connection is kept", () =>
  withServer(
    (_, response) => void response.end("whole"),
    async ({ client, server }) => {
      for (let i = 0; i < 3; i++) {
        await using response = await client.stream("GET", "/");
        expect(await response.text()).toBe("whole");
        await response.close();
      }
      expect(server.connections).toBe(1);
    },
  ));
