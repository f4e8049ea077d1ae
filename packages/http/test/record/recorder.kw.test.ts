import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Awaitable, CancelledError, createTask, gather, getRunningLoop, newEventLoop, run, sleep } from "tsyncio";
import {
  HttpClient,
  HttpConnectError,
  HttpConnectionError,
  HttpTimeoutError,
  NotRecordedError,
  Recorder,
  type RecordOptions,
  type ReplayOptions,
} from "@tsyncio/http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { errorOf } from "../../../../conformance/program.ts";
import { VirtualHost } from "../../../../test/virtual-host.ts";
import { CountingServer } from "../counting-server.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tsyncio-recorder-"));
  file = join(folder, "recording.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
type Program<T> = (client: HttpClient, url: string) => Awaitable<T>;

async function serving<T>(answer: Answer, body: (server: CountingServer) => Awaitable<T>): Promise<T> {
  const server = new CountingServer(answer);
  await server.listen();
  try {
    return await body(server);
  } finally {
    await server.close();
  }
}

/** Runs a program against a server that answers so, and records it. Gives the server's address, and what the program gives. */
async function recorded<T>(answer: Answer, program: Program<T>, options?: RecordOptions): Promise<[url: string, T]> {
  return serving(answer, (server) =>
    run(async () => {
      await using client = new HttpClient({ transport: Recorder.record(file, options) });
      const url = `${server.origin}/`;
      return [url, await program(client, url)] as [string, T];
    }),
  );
}

/** Runs a program against the recording, with no server, in virtual time. Gives its milliseconds, and what the program gives. */
async function replayed<T>(
  program: (client: HttpClient) => Awaitable<T>,
  options?: ReplayOptions,
): Promise<[number, T]> {
  const host = new VirtualHost();
  return run(
    async () => {
      await using client = new HttpClient({ transport: Recorder.replay(file, options) });
      const result = await program(client);
      return [getRunningLoop().time(), result] as [number, T];
    },
    { loopFactory: () => newEventLoop({ host }) },
  );
}

const lines = () =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test("an answer comes again, without a server", async () => {
  const program = (url: string) => async (client: HttpClient) => {
    const response = await client.post(`${url}items?page=2`, { json: { name: "é" }, headers: { "x-mine": "1" } });
    return [response.status, response.statusText, response.headers.get("x-theirs"), response.json()];
  };
  const [url, first] = await recorded(
    (_, response) => {
      response.writeHead(201, "Made", { "content-type": "application/json", "x-theirs": "2" });
      response.end('{"id":"é"}');
    },
    (client, url) => program(url)(client),
  );
  expect(first).toEqual([201, "Made", "2", { id: "é" }]);
  const [, again] = await replayed(program(url));
  expect(again).toEqual(first);
});

test("bytes that are no text come again as they were", async () => {
  const bytes = Buffer.from([0, 255, 254, 10, 13, 0xc3]);
  const [url] = await recorded(
    (_, response) => void response.end(bytes),
    (client, url) => client.post(url, { body: bytes }),
  );
  const [, again] = await replayed(async (client) => (await client.post(url, { body: bytes })).bytes);
  expect(Buffer.from(again)).toEqual(bytes);
});

test("equal requests are answered in the order in which they were sent, each once", async () => {
  const waiting: ServerResponse[] = [];
  const [url] = await recorded(
    // The first one ends last.
    (_, response) => {
      if (waiting.push(response) === 1) return;
      response.end("2", () => setTimeout(() => waiting[0]!.end("1"), 20));
    },
    async (client, url) => {
      const first = createTask(client.get(url));
      while (waiting.length === 0) await sleep(1);
      return gather(first, client.get(url));
    },
  );
  expect(lines().map(({ number }) => number)).toEqual([undefined, 2, 1]);
  const [, texts] = await replayed(async (client) => [
    (await client.get(url)).text(),
    (await client.get(url)).text(),
    await errorOf(client.get(url)),
  ]);
  expect(texts).toEqual(["1", "2", expect.any(NotRecordedError)]);
});

test("many tasks at once get each their own, recording and replaying", async () => {
  const paths = Array.from({ length: 40 }, (_, i) => `${i}`);
  const all = (url: string) => (client: HttpClient) =>
    gather(paths.map(async (path) => (await client.get(url + path)).text()));
  const [url, first] = await recorded(
    (request, response) => void setTimeout(() => response.end(request.url), Number(request.url!.slice(1)) % 7),
    (client, url) => all(url)(client),
  );
  expect(first).toEqual(paths.map((path) => `/${path}`));
  expect(new Set(lines().map(({ number }) => number)).size).toBe(41);
  expect((await replayed(all(url)))[1]).toEqual(first);
});

describe("time", () => {
  const slow: Answer = (_, response) => {
    setTimeout(() => response.write("one"), 60);
    setTimeout(() => response.end("two"), 120);
  };
  const parts = (url: string) => async (client: HttpClient) => {
    const log: [part: string, at: number][] = [];
    await using response = await client.stream("GET", url);
    const begun = getRunningLoop().time();
    for await (const part of response) log.push([String(part), getRunningLoop().time() - begun]);
    return log;
  };

  test("is as it was, on the clock of the loop, part by part", async () => {
    const [url, first] = await recorded(slow, (client, url) => parts(url)(client));
    expect(first.map(([part]) => part)).toEqual(["one", "two"]);
    const [ms, again] = await replayed(parts(url));
    expect(again.map(([part]) => part)).toEqual(["one", "two"]);
    expect(ms).toBeGreaterThanOrEqual(100);
    const { after, outcome } = lines()[1];
    const recordedTimes = outcome.response.parts.map((part: { after: number }) => part.after);
    expect(again.map(([, at]) => at)).toEqual([recordedTimes[0], recordedTimes[0] + recordedTimes[1]]);
    expect(ms).toBe(after + recordedTimes[0] + recordedTimes[1] + outcome.response.endedAfter);
  });

  test("is nothing when it is not asked for", async () => {
    const [url] = await recorded(slow, (client, url) => parts(url)(client));
    const [ms, again] = await replayed(parts(url), { times: "none" });
    expect([ms, again]).toEqual([
      0,
      [
        ["one", 0],
        ["two", 0],
      ],
    ]);
  });

  test("is too long for a client that has less patience than the recording", async () => {
    const [url] = await recorded(slow, (client, url) => client.get(url));
    const [ms, error] = await replayed((client) =>
      errorOf(client.get(url, { timeout: { headers: 10 }, retry: false })),
    );
    expect(error).toBeInstanceOf(HttpTimeoutError);
    expect(error).toMatchObject({ phase: "headers" });
    expect(ms).toBe(10);
  });
});

test("what was recorded in one piece can be streamed, and the other way round", async () => {
  const [url] = await recorded(
    (_, response) => {
      response.write("one ");
      setTimeout(() => response.end("two"), 10);
    },
    async (client, url) => {
      await client.get(url);
      await (await client.stream("GET", url)).text();
    },
  );
  const [, texts] = await replayed(async (client) => [
    await (await client.stream("GET", url)).text(),
    (await client.get(url)).text(),
  ]);
  expect(texts).toEqual(["one two", "one two"]);
});

test("a body is read once, and not when it is closed, as one from a socket", async () => {
  const [url] = await recorded(
    (_, response) => void response.end("ok"),
    async (client, url) => {
      for (let i = 0; i < 2; i++) await (await client.stream("GET", url)).text();
    },
  );
  const [, errors] = await replayed(async (client) => {
    const read = await client.stream("GET", url);
    await read.text();
    const closed = await client.stream("GET", url);
    await closed.close();
    return [await errorOf(read.text()), await errorOf(closed.text())];
  });
  expect(errors.map(String)).toEqual([
    "RuntimeError: Cannot read the body: it has been read already",
    "RuntimeError: Cannot read the body: it is closed; read it before that",
  ]);
});

describe("an error is recorded and comes again", () => {
  test("when nothing listens", async () => {
    const url = await serving(
      () => {},
      async (server) => `${server.origin}/`,
    );
    const [, first] = await recorded(
      () => {},
      (client) => errorOf(client.get(url)),
    );
    const [, again] = await replayed((client) => errorOf(client.get(url)));
    expect(first).toBeInstanceOf(HttpConnectError);
    expect(again).toBeInstanceOf(HttpConnectError);
    expect((again as Error).message).toBe((first as Error).message);
    expect((again as HttpConnectError).retryable).toBe(true);
  });

  test("when the connection breaks in the middle of the body, behind what had come", async () => {
    const program = (url: string) => async (client: HttpClient) => {
      let text = "";
      const error = await errorOf(
        (async () => {
          await using response = await client.stream("GET", url);
          for await (const part of response) text += String(part);
        })(),
      );
      return [text, error] as const;
    };
    const [url, first] = await recorded(
      (_, response) => void response.write("half", () => setTimeout(() => response.destroy(), 10)),
      (client, url) => program(url)(client),
    );
    expect(first).toEqual(["half", expect.any(HttpConnectionError)]);
    const [, again] = await replayed(program(url));
    expect(again).toEqual(["half", expect.any(HttpConnectionError)]);
    expect((again[1] as Error).message).toBe((first[1] as Error).message);
  });
});

describe("what was given up", () => {
  test("before an answer had come is given up again, and is an error for who waits on", async () => {
    const [url] = await recorded(
      () => {},
      (client, url) => errorOf(client.get(url, { timeout: 50 })),
    );
    expect(lines()[1].outcome).toBe("left");
    const [ms, error] = await replayed((client) => errorOf(client.get(url, { timeout: 50 })));
    expect(error).toBeInstanceOf(HttpTimeoutError);
    expect(ms).toBe(50);
    const [, other] = await replayed((client) => errorOf(client.get(url)));
    expect(other).toBeInstanceOf(NotRecordedError);
    expect(String(other)).toContain("it was given up before anything had come");
  });

  test("in the middle of the body can be read as far, and not further", async () => {
    const [url] = await recorded(
      (_, response) => {
        response.write("one");
        setTimeout(() => response.write("two"), 20);
      },
      async (client, url) => {
        await using response = await client.stream("GET", url);
        for await (const part of response) if (String(part).endsWith("two")) break;
      },
    );
    const [, [text, error]] = await replayed(async (client) => {
      let read = "";
      const failure = await errorOf(
        (async () => {
          await using response = await client.stream("GET", url);
          for await (const part of response) read += String(part);
        })(),
      );
      return [read, failure] as const;
    });
    expect(text).toBe("onetwo");
    expect(error).toBeInstanceOf(NotRecordedError);
    expect(String(error)).toContain("nobody read more than 6 bytes of the answer");
  });
});

test("cancelled while it records, the request is closed on the wire", async () => {
  await serving(
    () => {},
    (server) =>
      run(async () => {
        await using client = new HttpClient({ transport: Recorder.record(file) });
        const asking = createTask(client.get(server.origin));
        while (server.seen.length === 0) await sleep(1);
        asking.cancel();
        expect(await errorOf(asking)).toBeInstanceOf(CancelledError);
        while (server.open > 0) await sleep(1);
      }),
  );
  expect(lines().map(({ outcome }) => outcome)).toEqual([undefined, "left"]);
});

test("cancelled at any moment, each exchange has one line, and what it has been", async () => {
  const COUNT = 60;
  let sent = 0;
  await recorded(
    (_, response) => {
      sent++;
      response.write("one");
      setTimeout(() => response.end("two"), 3);
    },
    async (client, url) => {
      await client.get(url);
      for (let i = 0; i < COUNT; i++) {
        const whole = async () => (await client.get(url)).text();
        const streamed = async () => (await client.stream("GET", url)).text();
        const asking = createTask(i % 2 === 0 ? whole() : streamed());
        for (let iterations = 0; iterations < i; iterations++) await sleep(0);
        asking.cancel();
        await gather([asking], { returnExceptions: true });
      }
    },
  );
  const exchanges = lines().slice(1);
  const numbers = exchanges.map(({ number }) => number);
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(exchanges.length).toBeGreaterThanOrEqual(sent);
  const ends = new Set(exchanges.map(({ outcome }) => outcome.response?.end ?? outcome));
  expect([...ends].sort()).toEqual(["left", "whole"]);
});

describe("credentials", () => {
  const secretive: Answer = (_, response) => {
    response.setHeader("set-cookie", ["sid=hidden-1; Path=/", "theme=hidden-2"]);
    response.setHeader("content-type", "application/json");
    response.write('{"access_token": "hid');
    setTimeout(() => response.end('den-3", "scope": "all"}'), 10);
  };
  const program = (url: string) => async (client: HttpClient) => {
    const { host } = new URL(url);
    await client.get(`http://me:hidden-4@${host}/?api_key=hidden-5&page=1`, {
      headers: { cookie: "sid=hidden-6", "x-api-key": "hidden-7", "x-own": "hidden-8" },
    });
    await client.post(url, { form: { grant_type: "password", password: "hidden-9" } });
    await client.post(url, { json: { client_secret: 'hidden-"10', pin: "hidden-11" } });
    await (await client.stream("GET", url, { headers: { authorization: "Bearer hidden-12" } })).text();
  };
  const redact = { headers: ["X-Own"], fields: ["pin"] };

  test("are nowhere in the file, and it is replayed all the same", async () => {
    const [url] = await recorded(secretive, (client, url) => program(url)(client), { redact });
    const text = readFileSync(file, "utf8");
    expect(text).not.toContain("hid");
    expect(text).toContain('"sid=***; Path=/"');
    expect(text).toContain("api_key=***&page=1");
    expect(text).toContain("grant_type=password&password=***");
    expect(text).toContain(String.raw`\"scope\": \"all\"`);
    await replayed(program(url), { redact });
  });

  test("stay when that is asked for, and it is replayed all the same", async () => {
    const [url] = await recorded(secretive, (client, url) => program(url)(client), { redact: false });
    for (const secret of [1, 2, 3, 6, 7, 8, 9, 11, 12])
      expect(readFileSync(file, "utf8")).toContain(`hidden-${secret}`);
    await replayed(program(url));
  });
});

test("an upload that is sent in parts is recorded, and compared", async () => {
  const program = (url: string, last: string) => (client: HttpClient) =>
    client.post(url, { body: ["one ", "two ", last] });
  const [url, response] = await recorded(
    (request, response) => void request.pipe(response),
    (client, url) => program(url, "three")(client),
  );
  expect(response.text()).toBe("one two three");
  expect((await replayed(program(url, "three")))[1].text()).toBe("one two three");
  const [, error] = await replayed((client) => errorOf(program(url, "four")(client)));
  expect(error).toBeInstanceOf(NotRecordedError);
});

test("the boundary of a multipart body does not count", async () => {
  const program = (boundary: string) => (client: HttpClient, url: string) =>
    client.post(url, {
      headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
      body: `--${boundary}\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--${boundary}--\r\n`,
    });
  const [url] = await recorded((_, response) => void response.end("ok"), program("first"));
  expect((await replayed((client) => program("second")(client, url)))[1].text()).toBe("ok");
});

test("what is not recorded is an error that says what is left", async () => {
  const [url] = await recorded(
    (_, response) => void response.end("ok"),
    (client, url) => gather(client.get(`${url}a`), client.post(`${url}b`, { body: "x" })),
  );
  const [, errors] = await replayed(async (client) => {
    const other = await errorOf(client.get(`${url}c`));
    const body = await errorOf(client.post(`${url}b`, { body: "y" }));
    await client.get(`${url}a`);
    await client.post(`${url}b`, { body: "x" });
    return [other, body, await errorOf(client.get(`${url}a`))];
  });
  const messages = errors.map((error) => (error as Error).message);
  expect(messages).toEqual([
    `Cannot GET ${url}c: "${file}" does not have it. What is left of it: GET ${url}a, POST ${url}b`,
    `Cannot POST ${url}b: "${file}" does not have it; of the same method and URL it has one with another body. ` +
      `What is left of it: GET ${url}a, POST ${url}b`,
    `Cannot GET ${url}a: "${file}" does not have it. What is left of it: nothing`,
  ]);
  expect(errors[0]).toMatchObject({ name: "NotRecordedError", code: "TSYNCIO_HTTP_NOT_RECORDED", retryable: false });
});

test("a test can say what is the same request, and ask what was not made", async () => {
  const [url] = await recorded(
    (_, response) => void response.end("ok"),
    (client, url) => gather(client.get(`${url}?at=1`), client.get(`${url}?at=2`)),
  );
  const recorder = Recorder.replay(file, { match: (a, b) => new URL(a.url).pathname === new URL(b.url).pathname });
  await run(async () => {
    await using client = new HttpClient({ transport: recorder });
    expect((await client.get(`${url}?at=3`)).text()).toBe("ok");
  });
  expect(recorder.unused).toMatchObject([{ method: "GET", url: `${url}?at=2`, body: null }]);
});

describe("the file", () => {
  const ok: Answer = (_, response) => void response.end("ok");
  const get =
    (path: string): Program<unknown> =>
    (client, url) =>
      client.get(url + path);

  test("is begun anew, or gone on with", async () => {
    await recorded(ok, get("a"));
    await recorded(ok, get("b"));
    expect(lines().map(({ request }) => request && new URL(request.url).pathname)).toEqual([undefined, "/b"]);
    await recorded(ok, get("c"), { append: true });
    expect(lines().map(({ number }) => number)).toEqual([undefined, 1, 2]);
  });

  test.each(["{", '{"number":2,"request"'])(
    "whose last line is torn at %j can be replayed and gone on with",
    async (torn) => {
      const [url] = await recorded(ok, get("a"));
      appendFileSync(file, torn);
      expect((await replayed((client) => client.get(`${url}a`)))[1].text()).toBe("ok");
      await recorded(ok, get("b"), { append: true });
      expect(lines().map(({ number }) => number)).toEqual([undefined, 1, 2]);
    },
  );

  test("that is no recording, has another version, or a line that is broken, is refused", async () => {
    writeFileSync(file, "{}\n");
    expect(() => Recorder.replay(file)).toThrow(
      `Cannot replay "${file}": it is no recording, for its first line does not say so`,
    );
    writeFileSync(file, '{"recording":"tsyncio http","version":2}\n');
    expect(() => Recorder.replay(file)).toThrow("it has version 2, and this can read version 1; record it anew");
    await recorded(ok, get("a"));
    appendFileSync(file, "{}\n");
    expect(() => Recorder.replay(file)).toThrow(`Cannot replay "${file}": line 3 is no exchange`);
  });

  test("that cannot be opened is Node's error", () => {
    expect(() => Recorder.replay(join(folder, "none"))).toThrow("ENOENT");
    expect(() => Recorder.record(join(folder, "none", "x"))).toThrow("ENOENT");
    expect(() => Recorder.record(1 as never)).toThrow(
      new TypeError("Cannot open recording 1: expected a path or a file URL"),
    );
  });

  test("is closed with the client, and holds what was still being read", async () => {
    await serving(
      (_, response) => void response.write("part"),
      (server) =>
        run(async () => {
          const client = new HttpClient({ transport: Recorder.record(file) });
          await client.stream("GET", server.origin);
          client.abort();
          expect(await errorOf(client.get(server.origin))).toBeInstanceOf(Error);
        }),
    );
    expect(lines()[1]).toMatchObject({ outcome: { response: { status: 200, end: "left" } } });
  });
});
