import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ApiServer, type ApiServerOptions } from "../../../test/api-servers/index.ts";
import { hasTerminal, type StartOptions, start, startOnTerminal, tsyncio } from "./tsyncio.ts";

let folder: string;
let input: string;
let output: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tsyncio-batch-"));
  input = join(folder, "input.jsonl");
  output = join(folder, "output.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

const BODY = JSON.stringify({ model: "m", messages: [{ role: "user", content: "{{key}}" }] });
const results = () =>
  readFileSync(output, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const ids = () =>
  results()
    .map(({ id }) => id)
    .toSorted((a, b) => a - b);

function writeItems(count: number): void {
  writeFileSync(input, Array.from({ length: count }, (_, i) => `{"key":"item ${i + 1}"}\n`).join(""));
}

/** The arguments of a batch that asks the server for chats. */
function asking(server: { readonly url: string }, ...more: string[]): string[] {
  return ["batch", input, "-o", output, "--url", `${server.url}/v1/chat/completions`, "-d", BODY, ...more];
}

async function withServer(options: ApiServerOptions, body: (server: ApiServer) => Promise<void>): Promise<void> {
  const server = await ApiServer.listening(options);
  try {
    await body(server);
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

describe("tsyncio batch", () => {
  test("sends every line, says how it went, and sends nothing again", () =>
    withServer({}, async (server) => {
      writeItems(30);
      const first = await tsyncio(asking(server));
      expect(first).toMatchObject({ code: 0, stdout: "" });
      expect(first.stderr).toMatch(/^30 results in \d+s\n$/m);
      expect(ids()).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
      const second = await tsyncio(asking(server));
      expect(second.code).toBe(0);
      expect(second.stderr).toContain(`${output}: 30 results already there\n`);
      expect(second.stderr).toMatch(/^0 results in \d+s, 30 already there\n$/m);
      expect(server.log.requests).toHaveLength(30);
    }));

  test("tells events as JSON, and nothing else", () =>
    withServer({}, async (server) => {
      writeItems(3);
      const { code, stdout, stderr } = await tsyncio(asking(server, "--json", "--id", "key"));
      const events = stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect([code, stderr]).toEqual([0, ""]);
      expect(events.map(({ type }) => type).filter((type) => type !== "progress")).toEqual([
        "start",
        "result",
        "result",
        "result",
        "end",
      ]);
      expect(events.at(-1)).toMatchObject({ type: "end", complete: true, succeeded: 3 });
      expect(
        events
          .filter(({ type }) => type === "result")
          .map(({ id }) => id)
          .toSorted(),
      ).toEqual(["item 1", "item 2", "item 3"]);
    }));

  test("reads stdin, makes requests by a module, and is quiet when it is told to be", () =>
    withServer({}, async (server) => {
      const args = ["batch", "-", "--format", "csv", "-o", output, "--request", "make-request.ts", "--quiet"];
      const ended = await tsyncio(args, { input: "name\nfirst\nsecond\n", env: { API: server.url } });
      expect(ended).toMatchObject({ code: 0, stdout: "", stderr: "" });
      expect(server.log.ids().toSorted()).toEqual(["first 2", "second 3"]);
    }));

  test("speaks to an API by a preset, keeps its limits, and writes a database", () =>
    withServer({ key: "k" }, async (server) => {
      writeFileSync(input, '{"prompt":"one"}\n{"prompt":"two"}\n');
      const preset = [
        "-p",
        "anthropic-messages",
        "-m",
        "m",
        "--base-url",
        server.url,
        "--system",
        "Be short",
        "--stream",
      ];
      const args = [
        "batch",
        input,
        "-o",
        join(folder, "out.db"),
        ...preset,
        "-l",
        "requests=100/1m",
        "-l",
        "tokens=100000/1m",
      ];
      const { code, stderr } = await tsyncio(args, { env: { ANTHROPIC_API_KEY: "k" } });
      expect(code).toBe(0);
      expect(stderr).toMatch(/2 results in \d+s, \d+ inputTokens, \d+ outputTokens, \d+ tokens\n$/);
      expect(server.log.requests.map(({ path, stream }) => [path, stream])).toEqual([
        ["/v1/messages", true],
        ["/v1/messages", true],
      ]);
    }));

  test("shows no line wider than 90 columns with --help", async () => {
    const { code, stdout } = await tsyncio(["batch", "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Exit codes:");
    expect(stdout.split("\n").filter((line) => line.length > 90)).toEqual([]);
  });
});

describe("tsyncio batch ends with", () => {
  test("3 when a request has failed, and sends it again with --retry-failed", () =>
    withServer({ faults: { script: { "item 2": [500, 500] } } }, async (server) => {
      writeItems(3);
      const { code, stderr } = await tsyncio(asking(server, "--attempts", "1"));
      expect(code).toBe(3);
      expect(stderr).toContain("Line 2 failed: Cannot POST ");
      expect(stderr).toContain(`Failed: 1, see "ok":false in ${output}; --retry-failed sends them again\n`);
      server.plan({});
      const again = await tsyncio(asking(server, "--retry-failed"));
      expect(again.code).toBe(0);
      expect(again.stderr).toContain("1 failure forgotten, to be sent again\n");
      expect(ids()).toEqual([1, 2, 3]);
    }));

  test("3 when a line has a fault", () =>
    withServer({}, async (server) => {
      writeFileSync(input, '{"key":"a"}\n{"key":\n');
      const { code, stderr } = await tsyncio(asking(server));
      expect(code).toBe(3);
      expect(stderr).toMatch(/Cannot read line 2: it is no JSON, .*\n.*1 result in \d+s, 1 line with faults\n/s);
    }));

  test("4 when nothing would go better", () =>
    withServer({ key: "right" }, async (server) => {
      writeFileSync(input, '"a"\n');
      const args = ["batch", input, "-o", output, "-p", "openai-chat", "-m", "m", "--base-url", `${server.url}/v1`];
      const { code, stderr } = await tsyncio(args, { env: { OPENAI_API_KEY: "wrong" } });
      expect(code).toBe(4);
      expect(stderr).toMatch(/Stopped: .* status 401 .*\nThe same command sends what has no result\n$/);
    }));

  test("5 while another run writes the same output", () =>
    withServer({ faults: { chances: [["stall", 1]] } }, async (server) => {
      writeItems(1);
      const first = start(asking(server, "--json"));
      await first.printed('"type":"start"');
      const { code, stderr } = await tsyncio(asking(server));
      first.child.kill("SIGKILL");
      await first.ended;
      expect({ code, stderr }).toEqual({
        code: 5,
        stderr: `Cannot write ${output}: process ${first.child.pid} writes it at this moment; wait for its end, or name another output\n`,
      });
      server.plan({});
      expect((await tsyncio(asking(server))).code).toBe(0);
    }));

  test("1 when its output is no output", () =>
    withServer({}, async (server) => {
      writeItems(1);
      writeFileSync(output, "a letter\n");
      const { code, stderr } = await tsyncio(asking(server));
      expect(code).toBe(1);
      expect(stderr).toBe(
        `Cannot continue ${output}: line 1 is no result of a batch; name another output than output.jsonl, or remove that line (its request is sent again then)\n`,
      );
      expect(readFileSync(output, "utf8")).toBe("a letter\n");
    }));

  test.each([
    ["no input", ["-o", "a.jsonl"], 'missing required argument "input"'],
    ["no output", ["a.jsonl", "--url", "http://a"], 'required option "-o, --output <file>" not specified'],
    [
      "no request",
      ["a.jsonl", "-o", "b.jsonl", "-f", "jsonl"],
      "Cannot make requests: pass one of --url, --request and --preset",
    ],
    [
      "two requests",
      ["a.jsonl", "-o", "b.jsonl", "--url", "http://a", "-p", "openai-chat"],
      "only one can be used of --url, --request and --preset",
    ],
    [
      "a limit that is none",
      ["-", "-o", "b.jsonl", "--url", "http://a", "-l", "fast"],
      'Cannot keep the limit "fast": expected one such as requests=600/1m',
    ],
    [
      "a rate that is none",
      ["-", "-o", "b.jsonl", "--url", "http://a", "-l", "requests=many"],
      'Cannot limit requests: expected a rate such as "600/1m", received "many"',
    ],
    [
      "a header that is none",
      ["-", "-o", "b.jsonl", "--url", "http://a", "-H", "x"],
      'Cannot send the header "x": expected "Name: value"',
    ],
    ["no model", ["-", "-o", "b.jsonl", "-p", "openai-chat"], "Cannot use the preset openai-chat: pass --model"],
    [
      "an output of another kind",
      ["-", "-o", "b.txt", "--url", "http://a"],
      "Cannot write b.txt: expected a name that ends in",
    ],
    [
      "an input of another kind",
      ["a.txt", "-o", "b.jsonl", "--url", "http://a"],
      "its name does not tell what it is; pass --format",
    ],
    [
      "a concurrency of none",
      ["-", "-o", "b.jsonl", "--url", "http://a", "-c", "0"],
      "It must be a whole number of at least 1",
    ],
  ])("2 for %s", async (_, args, message) => {
    const { code, stdout, stderr } = await tsyncio(["batch", ...args]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});

describe.skipIf(process.platform === "win32")("tsyncio batch, interrupted,", () => {
  test.each([
    ["SIGINT", 130, "Ctrl-C"],
    ["SIGTERM", 143, "SIGTERM"],
  ] as const)("by %s waits for what is in flight and exits with %i", (signal, code, reason) =>
    withServer({ latency: 300 }, async (server) => {
      writeItems(500);
      const { child, ended } = start(asking(server, "-c", "5"));
      while (server.log.requests.length < 5) await delay(5);
      child.kill(signal);
      const { code: ending, stderr } = await ended;
      expect(ending).toBe(code);
      expect(stderr).toContain(`Stopping: ${reason}; waiting for what is in flight\n`);
      expect(ids()).toHaveLength(server.log.count("answered"));
      expect(ids().length).toBeGreaterThanOrEqual(5);
      expect(server.log.count("abandoned")).toBe(0);
      expect(existsSync(`${output}.lock`)).toBe(false);
    }),
  );

  test("by SIGINT twice ends at once", () =>
    withServer({ faults: { chances: [["stall", 1]] } }, async (server) => {
      writeItems(5);
      const { child, printed, ended } = start(asking(server, "--json"));
      while (server.log.requests.length === 0) await delay(5);
      child.kill("SIGINT");
      await printed('"type":"stopping"');
      child.kill("SIGINT");
      expect((await ended).code).toBe(130);
    }));

  test("by SIGKILL goes on where it was", () =>
    withServer({ latency: 20 }, async (server) => {
      writeItems(60);
      const { child, ended } = start(asking(server, "-c", "4"));
      while (server.log.count("answered") < 12) await delay(5);
      child.kill("SIGKILL");
      await ended;
      const recorded = new Set(ids());
      const sent = server.log.requests.length;
      expect((await tsyncio(asking(server))).code).toBe(0);
      expect(ids()).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
      expect(recorded.size).toBeGreaterThan(0);
      expect(server.log.requests.slice(sent).filter(({ id }) => recorded.has(Number(id.slice(5))))).toEqual([]);
    }));
});

if (!hasTerminal) console.warn('Skipped: what is seen on a terminal; it needs "script" of util-linux');

describe.skipIf(!hasTerminal)("tsyncio batch on a terminal", () => {
  const onTerminal = (args: string[], options?: StartOptions) => startOnTerminal(args, options);

  test("shows bars of the items and of each limit, and what became of it", () =>
    withServer({ latency: 30 }, async (server) => {
      writeItems(100);
      const { stdout, code } = await onTerminal(asking(server, "-c", "4", "-l", "requests=6000/1m")).ended;
      expect(code).toBe(0);
      expect(stdout).toMatch(/items +[█░]{8,24} \d+ of about 1\d\d, \d+(\.\d+)?\/(s|min), /);
      expect(stdout).toMatch(/requests [█░]{8,24} \d+ of 6,000 a minute, \d in flight/);
      expect(stdout).toMatch(/items +█{8,24} 100 of 100, /);
      expect(stdout).toMatch(/100 results in \d+s\r\n$/);
      // The cursor is hidden meanwhile.
      expect(stdout.indexOf("\u001B[?25l")).toBeLessThan(stdout.indexOf("\u001B[?25h"));
    }));

  test("stops at Ctrl-C, and leaves the terminal as it was", () =>
    withServer({ latency: 50 }, async (server) => {
      writeItems(2000);
      const { child, ended } = onTerminal(asking(server, "-c", "4"));
      while (server.log.requests.length < 30) await delay(5);
      child.stdin!.write("\u0003");
      const { stdout, code } = await ended;
      expect(code).toBe(130);
      expect(stdout).toContain("Stopping: Ctrl-C; waiting for what is in flight (Ctrl-C: at once)");
      expect(stdout).toContain("The same command sends what has no result");
      expect(stdout.lastIndexOf("\u001B[?25h")).toBeGreaterThan(stdout.lastIndexOf("\u001B[?25l"));
    }));
});
