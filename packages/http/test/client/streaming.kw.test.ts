import { createServer } from "node:net";
import * as zlib from "node:zlib";
import { HttpClient, type StreamingResponse } from "@tsyncio/http";
import { createTask, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { type Web, withServer } from "../with-server.ts";

const TEXT = "Ünïcode and € and 𝄞\r\nsecond line\n\nlast, without an end";
const LINES = ["Ünïcode and € and 𝄞", "second line", "", "last, without an end"];

/** Runs a test with a server that answers with these headers and this body, cut where it likes. */
function answered(
  headers: Record<string, string>,
  content: Buffer,
  body: (web: Web) => unknown,
  cut: number = content.length,
) {
  return withServer(
    (_request, response) => {
      response.writeHead(200, headers);
      let at = 0;
      const more = () => {
        if (at >= content.length) return response.end();
        response.write(content.subarray(at, (at += cut)));
        return setImmediate(more);
      };
      more();
    },
    async (web: Web) => void (await body(web)),
  );
}

async function linesOf(response: StreamingResponse) {
  const lines: string[] = [];
  for await (const line of response.lines()) lines.push(line);
  return lines;
}

describe("a streamed answer", () => {
  test.each([1, 2, 3, 7, 1_000])("has its lines, whatever parts of %i bytes cut", (cut) =>
    answered(
      {},
      Buffer.from(TEXT),
      async ({ client }) => expect(await linesOf(await client.stream("GET", "/"))).toEqual(LINES),
      cut,
    ),
  );

  test("has its lines in the charset that it names", () =>
    answered(
      { "content-type": "text/plain; charset=utf-16le" },
      Buffer.from(TEXT, "utf16le"),
      async ({ client }) => {
        expect(await linesOf(await client.stream("GET", "/"))).toEqual(LINES);
      },
      3,
    ));

  test("is read as bytes, text or JSON", () =>
    answered(
      { "content-type": "application/json" },
      Buffer.from('{"a":"ü"}'),
      async ({ client }) => {
        const stream = () => client.stream("GET", "/");
        expect(Buffer.from(await (await stream()).bytes()).toString()).toBe('{"a":"ü"}');
        expect(await (await stream()).text()).toBe('{"a":"ü"}');
        expect(await (await stream()).json()).toEqual({ a: "ü" });
      },
      2,
    ));

  test("is read once", () =>
    answered({}, Buffer.from("x"), async ({ client }) => {
      const response = await client.stream("GET", "/");
      await response.text();
      expect(String(await thrownBy(response.text()))).toContain("Cannot read the body: it has been read already");
    }));

  test("knows its head before its body is there", () =>
    withServer(
      (_request, response) => response.writeHead(201, { "x-a": "1" }).flushHeaders(),
      async ({ client }) => {
        await using response = await client.stream("GET", "/");
        expect([response.status, response.ok, response.statusText, response.headers.get("x-a")]).toEqual([
          201,
          true,
          "Created",
          "1",
        ]);
      },
    ));

  test("that is read to its end leaves the connection to others, one that is left closes it", () =>
    answered(
      {},
      Buffer.alloc(500_000),
      async ({ client, server }) => {
        for (let i = 0; i < 3; i++) {
          await using response = await client.stream("GET", "/");
          for await (const part of response) expect(part.length).toBeGreaterThan(0);
        }
        expect(server.connections).toBe(1);
        {
          await using response = await client.stream("GET", "/");
          for await (const part of response) if (part.length > 0) break;
        }
        while (server.open > 0) await sleep(1);
      },
      100_000,
    ));

  test("that is refused is an error with the begin of its body", () =>
    withServer(
      (_request, response) => response.writeHead(500).end("x".repeat(100_000)),
      async ({ client, server }) => {
        expect(await thrownBy(client.stream("GET", "/", { retry: false }))).toMatchObject({
          status: 500,
          body: "x".repeat(2_000),
        });
        while (server.open > 0) await sleep(1);
      },
    ));

  test("that the caller's own function fails to judge is left", () =>
    answered({}, Buffer.alloc(500_000), async ({ client, server }) => {
      const acceptStatus = () => {
        throw new RangeError("cannot say");
      };
      expect(await thrownBy(client.stream("GET", "/", { acceptStatus }))).toEqual(new RangeError("cannot say"));
      expect(await thrownBy(client.get("/", { acceptStatus }))).toEqual(new RangeError("cannot say"));
      while (server.open > 1) await sleep(1);
    }));

  test("waits for a slow reader: no more comes than a little ahead, and no time limit strikes", () =>
    nodeProgram(async () => {
      let written = 0;
      const server = createServer((socket) => {
        const part = Buffer.alloc(16_384);
        socket.on("error", () => {});
        socket.once("data", () => {
          socket.write("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
          const more = () => {
            while (!socket.destroyed) {
              written += part.length;
              if (!socket.write(part)) break;
            }
          };
          socket.on("drain", more);
          more();
        });
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const client = new HttpClient();
      const { port } = server.address() as { port: number };
      {
        await using response = await client.stream("GET", `http://127.0.0.1:${port}/`, { timeout: { body: 50 } });
        let read = 0;
        let before = -1;
        // Until the buffers of the system are full.
        while (written > before) {
          before = written;
          await sleep(150);
        }
        // The system's own buffers are a few megabytes.
        expect(written).toBeLessThan(20_000_000);
        for await (const part of response) {
          read += part.length;
          if (read > written / 2 && read > 3_000_000) break;
        }
        expect(written).toBeGreaterThanOrEqual(read);
      }
      await client.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }));
});

describe("an upload in parts", () => {
  test("takes no more from its source than the server takes", () =>
    nodeProgram(async () => {
      let resume = () => {};
      const server = createServer((socket) => {
        socket.on("error", () => {}).pause();
        resume = () => {
          let tail = "";
          socket.resume().on("data", (data) => {
            tail = (tail + data.toString("latin1")).slice(-5);
            if (tail === "0\r\n\r\n") socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
          });
        };
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as { port: number };
      const client = new HttpClient();
      let given = 0;
      async function* parts() {
        const part = Buffer.alloc(65_536);
        for (let i = 0; i < 1_000; i++) {
          given += part.length;
          yield part;
        }
      }
      const task = createTask(client.post(`http://127.0.0.1:${port}/`, { body: parts() }));
      let before = -1;
      while (given > before) {
        before = given;
        await sleep(150);
      }
      expect(given).toBeLessThan(20_000_000);
      resume();
      expect((await task).text()).toBe("ok");
      expect(given).toBe(65_536_000);
      await client.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }));
});

const PLAIN = Buffer.from("decoded ".repeat(30_000));
const zstd = (zlib as unknown as { zstdCompressSync?: (bytes: Buffer) => Buffer }).zstdCompressSync;
const ENCODINGS: [encoding: string, encode: (bytes: Buffer) => Buffer][] = [
  ["gzip", zlib.gzipSync],
  ["x-gzip", zlib.gzipSync],
  ["deflate", zlib.deflateSync],
  ["deflate without its frame", zlib.deflateRawSync],
  ["br", zlib.brotliCompressSync],
  ["gzip, br", (bytes) => zlib.brotliCompressSync(zlib.gzipSync(bytes))],
  ...(zstd === undefined ? [] : ([["zstd", zstd]] as [string, (bytes: Buffer) => Buffer][])),
];

describe.each(ENCODINGS)("a body in %s", (name, encode) => {
  const headers = { "content-encoding": name.replace(" without its frame", "") };

  test.each([
    ["small", PLAIN.subarray(0, 80)],
    ["large", PLAIN],
    [
      "larger than what is decoded on the spot",
      Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i * 31 + (i >> 3)) % 251)),
    ],
  ])("that is %s is decoded, whole and streamed", (_size, plain) =>
    answered(
      headers,
      encode(plain),
      async ({ client }) => {
        expect(Buffer.compare(Buffer.from((await client.get("/")).bytes), plain)).toBe(0);
        const streamed = await (await client.stream("GET", "/")).bytes();
        expect(Buffer.compare(Buffer.from(streamed), plain)).toBe(0);
      },
      5_000,
    ),
  );

  test("is left as it is when that is asked for", () =>
    answered(headers, encode(PLAIN), async ({ client }) => {
      const { bytes } = await client.get("/", { decompress: false });
      expect(Buffer.compare(Buffer.from(bytes), encode(PLAIN))).toBe(0);
    }));

  test("that is empty is empty", () =>
    answered(headers, Buffer.alloc(0), async ({ client }) => {
      expect((await client.get("/")).bytes.length).toBe(0);
      expect((await (await client.stream("GET", "/")).bytes()).length).toBe(0);
      expect((await client.head("/")).bytes.length).toBe(0);
    }));
});

test("an encoding that nobody knows is left on the body", () =>
  answered({ "content-encoding": "secret" }, Buffer.from("x"), async ({ client }) => {
    expect((await client.get("/")).text()).toBe("x");
  }));

test("what is asked for is what can be decoded, and nothing when it is not to be decoded", () =>
  withServer(
    (request, response) => response.end(String(request.headers["accept-encoding"])),
    async ({ client }) => {
      expect((await client.get("/")).text()).toBe(`gzip, deflate, br${zstd === undefined ? "" : ", zstd"}`);
      expect((await client.get("/", { decompress: false })).text()).toBe("undefined");
    },
  ));
