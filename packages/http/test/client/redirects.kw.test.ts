import type { IncomingMessage, ServerResponse } from "node:http";
import { CookieJar, HttpClient, HttpRedirectError } from "@tsyncio/http";
import { describe, expect, test } from "vitest";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { CountingServer, echo } from "../counting-server.ts";
import { type Web, withServer } from "../with-server.ts";

/** `/redirect/307?to=/x` redirects, everything else is an echo. */
function redirecting(request: IncomingMessage, response: ServerResponse): unknown {
  const url = new URL(request.url as string, "http://localhost");
  const status = /^\/redirect\/(\d+)$/.exec(url.pathname)?.[1];
  if (status === undefined) return echo(request, response);
  const cookie = url.searchParams.get("cookie");
  if (cookie !== null) response.setHeader("set-cookie", cookie);
  response.writeHead(Number(status), { location: Buffer.from(url.searchParams.get("to") ?? "").toString("latin1") });
  return request.resume().on("end", () => response.end("moved"));
}

const served = (body: (web: Web) => unknown, options = {}) =>
  withServer(redirecting, async (web: Web) => void (await body(web)), options);
const via = (status: number, to: string) => `/redirect/${status}?to=${encodeURIComponent(to)}`;

describe("a redirect", () => {
  test.each([
    [301, "GET", "GET"],
    [302, "GET", "GET"],
    [303, "GET", "GET"],
    [307, "GET", "GET"],
    [308, "GET", "GET"],
    [301, "POST", "GET"],
    [302, "POST", "GET"],
    [303, "POST", "GET"],
    [303, "PUT", "GET"],
    [301, "PUT", "PUT"],
    [302, "DELETE", "DELETE"],
    [307, "POST", "POST"],
    [308, "POST", "POST"],
  ])("%i of %s becomes %s, with the body if it stays as it is", (status, method, becomes) =>
    served(async ({ client, origin }) => {
      const body = method === "GET" ? {} : { json: { a: 1 } };
      const response = await client.request(method, via(status, "/x?y"), body);
      expect(response.json()).toMatchObject({ method: becomes, url: "/x?y", body: becomes === "GET" ? "" : '{"a":1}' });
      expect(response.json().headers["content-type"]).toBe(becomes === "GET" ? undefined : "application/json");
      expect([response.method, response.url, response.redirects]).toEqual([
        becomes,
        `${origin}/x?y`,
        [`${origin}${via(status, "/x?y")}`],
      ]);
    }),
  );

  test("of HEAD stays HEAD", () =>
    served(async ({ client }) => {
      expect((await client.head(via(303, "/x"))).method).toBe("HEAD");
    }));

  test("is relative to where it comes from, and may be in UTF-8", () =>
    served(async ({ client }) => {
      expect((await client.get(via(302, "303x"))).json().url).toBe("/redirect/303x");
      expect((await client.get(via(302, "/ü"))).json().url).toBe("/%C3%BC");
    }));

  test("is followed by a stream, over the same connection", () =>
    served(async ({ client, server }) => {
      await using response = await client.stream("GET", via(302, via(301, "/x")));
      expect((await response.json()).url).toBe("/x");
      expect(response.redirects.length).toBe(2);
      expect(server.connections).toBe(1);
    }));

  test("sends again what a function gives, and cannot what can be sent once", () =>
    served(async ({ client }) => {
      expect((await client.post(via(307, "/x"), { body: () => ["again"] })).json().body).toBe("again");
      expect(await thrownBy(client.post(via(307, "/x"), { body: ["once"] }))).toMatchObject({
        code: "TSYNCIO_HTTP_REDIRECT",
        status: 307,
        message: expect.stringContaining("the body cannot be sent again; pass a function that gives it"),
      });
    }));

  test("to another origin is not told who asks", async () => {
    const other = new CountingServer(echo);
    await other.listen();
    await served(
      async ({ client, origin }) => {
        const headers = { cookie: "a=b", "proxy-authorization": "secret", "x-other": "1" };
        const away = (await client.get(via(302, `${other.origin}/x`), { headers })).json().headers;
        expect(away).toMatchObject({ "x-other": "1", host: new URL(other.origin).host });
        expect(Object.keys(away)).not.toEqual(expect.arrayContaining(["authorization"]));
        expect([away.authorization, away.cookie, away["proxy-authorization"]]).toEqual([
          undefined,
          undefined,
          undefined,
        ]);
        const back = (await client.get(via(302, `${origin}/x`), { headers })).json().headers;
        expect(back).toMatchObject({ authorization: "Bearer secret", cookie: "a=b" });
      },
      { auth: { bearer: "secret" } },
    );
    await other.close();
  });

  test.each(["ftp://host/", "http://", "javascript:alert(1)"])("to %s is an error", (to) =>
    served(async ({ client }) => {
      expect(await thrownBy(client.get(via(302, to)))).toBeInstanceOf(HttpRedirectError);
    }),
  );

  test("without end is an error after as many as are allowed", () =>
    served(async ({ client, server }) => {
      const error = await thrownBy(client.get(via(302, "?to="), { maxRedirects: 3 }));
      expect(error).toMatchObject({ code: "TSYNCIO_HTTP_REDIRECT", status: 302, retryable: false });
      expect(server.seen.length).toBe(4);
    }));

  test("can be an answer, or an error", () =>
    served(async ({ client }) => {
      const response = await client.get(via(302, "/x"), { redirect: "manual" });
      expect([response.status, response.headers.get("location"), response.text()]).toEqual([302, "/x", "moved"]);
      expect(await thrownBy(client.get(via(302, "/x"), { redirect: "error" }))).toMatchObject({
        code: "TSYNCIO_HTTP_REDIRECT",
        message: expect.stringContaining('it redirects to "/x", and redirect is "error"'),
      });
    }));
});

describe("cookies", () => {
  test("that a redirect sets are sent from there on, and by requests to come", () =>
    served(
      async ({ client }) => {
        const login = `/redirect/302?to=/x&cookie=${encodeURIComponent("session=42; Path=/; HttpOnly")}`;
        expect((await client.get(login)).json().headers.cookie).toBe("session=42");
        expect((await client.get("y", { headers: { cookie: "own=1" } })).json().headers.cookie).toBe(
          "own=1; session=42",
        );
        expect((await client.extend({ cookies: false }).get("y")).json().headers.cookie).toBe(undefined);
      },
      { cookies: true },
    ));

  test("are of a jar that clients may share", async () => {
    const jar = new CookieJar();
    const cookies = { cookies: jar };
    await served(async ({ client, origin }) => {
      await client.get("/redirect/302?to=/x&cookie=a%3Db%3B%20Path%3D%2F");
      expect(jar.header(origin)).toBe("a=b");
      await using other = new HttpClient({ baseUrl: origin, cookies: jar });
      expect((await other.get("x")).json().headers.cookie).toBe("a=b");
    }, cookies);
  });

  test("are not kept unless that is asked for", () =>
    served(async ({ client }) => {
      await client.get("/redirect/302?to=/x&cookie=a%3Db%3B%20Path%3D%2F");
      expect((await client.get("x")).json().headers.cookie).toBe(undefined);
    }));
});
