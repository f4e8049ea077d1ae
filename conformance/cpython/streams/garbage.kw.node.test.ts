import { once } from "node:events";
import { fromPromise } from "tsyncio";
import { openConnection, startServer } from "@tsyncio/node";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { collectGarbage } from "../../../test/collect-garbage.ts";
import { nodeProgram } from "../../node-program.ts";
import { Peer, answer } from "./peer.ts";

/** The warnings of Node, as `type: text`. */
let warnings: string[] = [];
beforeEach(() => {
  warnings = [];
  vi.spyOn(process, "emitWarning").mockImplementation((text, type) => void warnings.push(`${String(type)}: ${text}`));
});
afterEach(() => void vi.restoreAllMocks());

const warned = () => warnings.length > 0;
const UNCLOSED =
  /^ResourceWarning: unclosed <StreamWriter transport=<SocketTransport open .*> reader=<StreamReader .*>>$/;

/** A request whose connection is not closed: by the time it is done nobody holds the writer. */
async function requestAndForget(port: number) {
  const [reader, writer] = await openConnection("127.0.0.1", port);
  writer.write("GET / HTTP/1.0\r\n\r\n");
  return String(await reader.read());
}

test("test_streams.py::StreamTests.test_unclosed_resource_warnings: a writer that nobody closed is warned of when it is garbage, and its connection closed", () =>
  nodeProgram(async () => {
    await using peer = await Peer.listening(answer);
    expect(await requestAndForget(peer.port)).toMatch(/Test message$/);
    expect([warnings, peer.clients.size]).toEqual([[], 1]);
    await fromPromise(collectGarbage(warned));
    expect(warnings).toEqual([expect.stringMatching(UNCLOSED)]);
    const [client] = peer.clients;
    if (client !== undefined) await once(client, "close");
    expect(peer.clients.size).toBe(0);
  }));

test("test_streams.py::StreamTests.test_unclosed_server_resource_warnings: so is the writer of a handler that ended without closing it", () =>
  nodeProgram(async () => {
    const server = await startServer(async (_reader, writer) => void writer.write("hello"), "127.0.0.1", 0);
    const [reader, writer] = await openConnection("127.0.0.1", server.sockets[0].port);
    expect(String(await reader.readexactly(5))).toBe("hello");
    await fromPromise(collectGarbage(warned));
    expect(warnings).toEqual([expect.stringMatching(UNCLOSED)]);
    expect(String(await reader.read())).toBe("");
    writer.close();
    server.close();
    await server.waitClosed();
  }));

test("test_streams.py::StreamTests.test_loop_is_closed_resource_warnings: a loop that is closed closes the connections that are left, which debug mode warns of; their writers are garbage like any other", async () => {
  const peer = await Peer.listening(answer);
  await nodeProgram(async () => void (await requestAndForget(peer.port)), { debug: true });
  expect(warnings).toEqual([
    expect.stringMatching(/^ResourceWarning: unclosed transport <SocketTransport .*peer=127\.0\.0\.1:\d+>$/),
  ]);
  await collectGarbage(() => false);
  expect(warnings).toHaveLength(1);
  await peer[Symbol.asyncDispose]();
});
