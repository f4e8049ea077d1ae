import { createReadStream, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HttpClient, HttpDecodeError, HttpHeaders, HttpStatusError, Multipart } from "@tsyncio/http";
import { sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { echo } from "../counting-server.ts";
import { type Web, withServer } from "../with-server.ts";

const echoed = (body: (web: Web) => unknown, options = {}) =>
  withServer(echo, async (web: Web) => void (await body(web)), options);

describe("the method of a request", () => {
  test.each(["get", "post", "put", "patch", "delete", "options"] as const)("%s is sent in capitals", (name) =>
    echoed(async ({ client }) => {
      expect((await client[name]("x")).json()).toMatchObject({ method: name.toUpperCase(), url: "/x" });
    }),
  );

  test("head gives headers and no body", () =>
    echoed(async ({ client }) => {
      const response = await client.head("x");
      expect([response.status, response.headers.get("content-type"), response.bytes.length]).toEqual([
        200,
        "application/json",
        0,
      ]);
    }));

  test("of one's own is sent as it is written", () =>
    echoed(async ({ client }) => {
      expect((await client.request("PROPFIND", "x")).json()).toMatchObject({ method: "PROPFIND" });
      expect((await client.request("get", "x")).json()).toMatchObject({ method: "GET" });
    }));

  test("that HTTP cannot carry is refused at the call", () =>
    echoed(({ client }) => {
      expect(() => client.request("GET /", "x")).toThrow(
        'Cannot send method "GET /": its name must be letters, digits and hyphens',
      );
      expect(() => client.request("CONNECT", "x")).toThrow("CONNECT is for proxies");
    }));
});

describe("the URL of a request", () => {
  test("has the query added to its own", () =>
    echoed(async ({ client }) => {
      const query = { a: ["x", 1], b: true, none: null, never: undefined, text: "ü &" };
      expect((await client.get("p?own=1", { query })).json().url).toBe("/p?own=1&a=x&a=1&b=true&text=%C3%BC+%26");
    }));

  test("is relative to the base as URLs are", () =>
    withServer(echo, async ({ origin }) => {
      await using client = new HttpClient({ baseUrl: `${origin}/v1/` });
      expect((await client.get("users")).json().url).toBe("/v1/users");
      expect((await client.get("/users")).json().url).toBe("/users");
      expect((await client.get(new URL(`${origin}/else`))).json().url).toBe("/else");
    }));

  test("gives its credentials to a header, and to nothing else", () =>
    echoed(async ({ client, server }) => {
      const url = server.origin.replace("//", "//me:p%40ss@");
      const response = await client.get(url);
      expect(response.json().headers.authorization).toBe(`Basic ${Buffer.from("me:p@ss").toString("base64")}`);
      expect(response.url).toBe(`${server.origin}/`);
    }));

  test.each(["/relative", "ftp://host/", "http://"])("that is none (%s) is refused at the call", (url) => {
    const client = new HttpClient();
    expect(() => client.get(url)).toThrow(TypeError);
  });

  test("whose parameters are objects is refused at the call", () => {
    const client = new HttpClient();
    expect(() => client.get("http://localhost", { query: { a: {} as string } })).toThrow(
      'Cannot send query: "a" must be text, a number or a boolean, received [object Object]',
    );
  });
});

describe("the headers of a request", () => {
  test("are those of the client with those of the request in their places", () =>
    echoed(
      async ({ client }) => {
        const { headers } = (
          await client.get("x", { headers: { "X-One": "2", Accept: null, "X-Three": ["a", "b"] } })
        ).json();
        expect(headers).toMatchObject({ "x-one": "2", "x-two": "1", "x-three": "a, b", "user-agent": "mine" });
        expect(headers).not.toHaveProperty("accept");
      },
      { headers: { "x-one": "1", "x-two": "1" }, userAgent: "mine" },
    ));

  test("say who asks", () =>
    echoed(
      async ({ client }) => {
        expect((await client.get("x")).json().headers.authorization).toBe("Bearer secret");
        const other = client.extend({ auth: { username: "me", password: "p" } });
        expect((await other.get("x")).json().headers.authorization).toBe("Basic bWU6cA==");
      },
      { auth: { bearer: "secret" } },
    ));

  test.each([
    [{ "a b": "x" }, "its name must be letters, digits and hyphens"],
    [{ a: "x\r\nb: c" }, "its value holds a line break"],
    [{ a: "€" }, "what is not in Latin-1"],
    [{ a: {} as string }, "its value must be a string"],
    [{ "Transfer-Encoding": "chunked" }, "it is between the client and the next server"],
  ])("that HTTP cannot carry (%o) are refused at the call", (headers, message) => {
    expect(() => new HttpClient().get("http://localhost", { headers })).toThrow(message);
  });

  test("name the version of the package", async () => {
    const { default: own } = await import("../../package.json", { with: { type: "json" } });
    await echoed(async ({ client }) => {
      expect((await client.get("x")).json().headers["user-agent"]).toBe(`tsyncio-http/${own.version}`);
    });
  });
});

describe("the body of a request", () => {
  const content = async (web: Web, options: Parameters<HttpClient["post"]>[1]) => {
    const { body, headers } = (await web.client.post("x", options)).json();
    return [body, headers["content-type"], headers["content-length"] ?? headers["transfer-encoding"]];
  };

  test.each([
    ["json", { json: { a: [1, "ü"] } }, ['{"a":[1,"Ã¼"]}', "application/json", "14"]],
    ["json of null", { json: null }, ["null", "application/json", "4"]],
    ["form", { form: { a: "x y", b: [1, 2] } }, ["a=x+y&b=1&b=2", "application/x-www-form-urlencoded", "13"]],
    ["text", { body: "text" }, ["text", "text/plain; charset=utf-8", "4"]],
    ["bytes", { body: Buffer.from("bytes").subarray(1) }, ["ytes", undefined, "4"]],
    ["none", {}, ["", undefined, "0"]],
    ["parts", { body: ["one", Buffer.from("two"), ""] }, ["onetwo", undefined, "chunked"]],
    ["a function", { body: () => ["one"] }, ["one", undefined, "chunked"]],
    ["parts of a known length", { body: ["one"], headers: { "content-length": "3" } }, ["one", undefined, "3"]],
  ])("as %s is sent", (_name, options, expected) =>
    echoed(async (web) => {
      expect(await content(web, options)).toEqual(expected);
    }),
  );

  test("that a coroutine makes is sent as it comes", () =>
    echoed(async (web) => {
      async function* parts() {
        for (const part of ["a", "b", "c"]) {
          await sleep(2);
          yield part;
        }
      }
      expect((await content(web, { body: parts() }))[0]).toBe("abc");
    }));

  test("that throws fails the request with what it throws", () =>
    echoed(async ({ client }) => {
      async function* parts() {
        yield "a";
        throw new RangeError("no more");
      }
      expect(await thrownBy(client.post("x", { body: parts() }))).toEqual(new RangeError("no more"));
      expect((await client.get("x")).status).toBe(200);
    }));

  test("with parts that are none fails the request", () =>
    echoed(async ({ client }) => {
      expect(String(await thrownBy(client.post("x", { body: [1 as unknown as string] })))).toBe(
        "TypeError: Cannot send a body: its parts must be bytes or text, received 1",
      );
    }));

  test("of parts that is longer than it says fails the request", () =>
    echoed(async ({ client }) => {
      const error = await thrownBy(
        client.post("x", { body: ["four"], headers: { "content-length": "3" }, retry: false }),
      );
      expect(error).toMatchObject({ code: "TSYNCIO_HTTP_PROTOCOL" });
    }));

  test("is one", () => {
    const client = new HttpClient();
    expect(() => client.post("http://localhost", { json: 1, body: "x" })).toThrow(
      "json and body are given; pass one of them",
    );
    expect(() => client.post("http://localhost", { body: 5 as unknown as string })).toThrow(TypeError);
    expect(() => client.post("http://localhost", { json: () => 1 })).toThrow("Cannot send JSON: function has none");
  });

  test("of several parts has files", () =>
    echoed(async ({ client }) => {
      const file = join(mkdtempSync(join(tmpdir(), "multipart-")), 'a "file".txt');
      writeFileSync(file, "in the file");
      const multipart = new Multipart()
        .add("field", "ü")
        .add("bytes", Buffer.from("raw"), { filename: "raw.bin" })
        .addFile("file", file, { contentType: "text/plain" });
      const { body, headers } = (await client.post("x", { multipart })).json();
      const boundary = /boundary=(.*)/.exec(headers["content-type"])?.[1];
      expect(Number(headers["content-length"])).toBe(body.length);
      expect(body.split(`--${boundary}`).map((part: string) => part.trim())).toEqual([
        "",
        'content-disposition: form-data; name="field"\r\n\r\nÃ¼',
        'content-disposition: form-data; name="bytes"; filename="raw.bin"\r\ncontent-type: application/octet-stream\r\n\r\nraw',
        'content-disposition: form-data; name="file"; filename="a %22file%22.txt"\r\ncontent-type: text/plain\r\n\r\nin the file',
        "--",
      ]);
    }));

  test("of several parts, one of an unknown size, is sent in chunks", () =>
    echoed(async ({ client }) => {
      const multipart = new Multipart().add(
        "stream",
        () => createReadStream(new URL(import.meta.url)) as AsyncIterable<Uint8Array>,
      );
      const { body, headers } = (await client.post("x", { multipart })).json();
      expect(headers["transfer-encoding"]).toBe("chunked");
      expect(body).toContain("of an unknown size, is sent in chunks");
    }));
});

describe("an answer", () => {
  const answered = (
    headers: Record<string, string>,
    content: string | Buffer,
    body: (web: Web) => unknown,
    status = 200,
  ) =>
    withServer(
      (_request, response) => response.writeHead(status, headers).end(content),
      async (web: Web) => void (await body(web)),
    );

  test("has its text in the charset that it names", () =>
    answered(
      { "content-type": 'text/html; charset="ISO-8859-1"' },
      Buffer.from("caf\xe9", "latin1"),
      async ({ client }) => {
        expect((await client.get("x")).text()).toBe("café");
      },
    ));

  test("has its text in the charset of its byte order mark", () =>
    answered({ "content-type": "text/html; charset=iso-8859-1" }, Buffer.from("\uFEFFcafé"), async ({ client }) => {
      expect((await client.get("x")).text()).toBe("café");
    }));

  test("has its text in UTF-8 when it names what nobody knows", () =>
    answered({ "content-type": "text/html; charset=klingon" }, "café", async ({ client }) => {
      expect((await client.get("x")).text()).toBe("café");
    }));

  test("that is no JSON says so, with its begin", () =>
    answered({ "content-type": "text/html" }, "<html>", async ({ client, origin }) => {
      const response = await client.get("x");
      expect(() => response.json()).toThrow(HttpDecodeError);
      expect(() => response.json()).toThrow(`Cannot GET ${origin}/x: the body is no JSON (text/html): `);
    }));

  test("knows its status and its headers", () =>
    answered(
      { "x-a": "1", "Set-Cookie": "b" },
      "",
      async ({ client }) => {
        const response = await client.get("x");
        expect([response.status, response.statusText, response.ok, response.attempts, response.redirects]).toEqual([
          201,
          "Created",
          true,
          1,
          [],
        ]);
        expect(response.headers).toBeInstanceOf(HttpHeaders);
        expect([response.headers.get("X-A"), response.headers.has("set-cookie"), response.headers.get("none")]).toEqual(
          ["1", true, null],
        );
        expect([...response.headers].slice(0, 2)).toEqual([
          ["x-a", "1"],
          ["set-cookie", "b"],
        ]);
      },
      201,
    ));

  test("whose status is not accepted is an error, with the begin of its body", () =>
    answered(
      { "content-type": "text/plain; charset=iso-8859-1" },
      Buffer.from("\xe9".repeat(5_000), "latin1"),
      async ({ client, origin }) => {
        const error = (await thrownBy(client.get("x"))) as HttpStatusError;
        expect(error).toBeInstanceOf(HttpStatusError);
        expect(error.message).toBe(`Cannot GET ${origin}/x: status 404 Not Found`);
        expect(error).toMatchObject({
          status: 404,
          attempt: 1,
          retryable: false,
          method: "GET",
          body: "é".repeat(2_000),
        });
        expect((await client.get("x", { acceptStatus: "any" })).status).toBe(404);
        expect((await client.get("x", { acceptStatus: (status) => status === 404 })).status).toBe(404);
      },
      404,
    ));
});
