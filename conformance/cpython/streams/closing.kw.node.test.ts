import { createTask, gather } from "tsyncio";
import { ConnectionLostError, openConnection } from "@tsyncio/node";
import { expect, test } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { Peer, answer } from "./peer.ts";

/** A request, of whose answer the first line is read. */
async function requested(peer: Peer) {
  const [reader, writer] = await openConnection("127.0.0.1", peer.port);
  writer.write("GET / HTTP/1.0\r\n\r\n");
  expect(String(await reader.readline())).toBe("HTTP/1.0 200 OK\r\n");
  return [reader, writer] as const;
}

test("test_streams.py::StreamTests.test_wait_closed_on_close: a writer is closing from close() on, and closed when waitClosed() is done", () =>
  nodeProgram(async () => {
    await using peer = await Peer.listening(answer);
    const [reader, writer] = await requested(peer);
    expect(String(await reader.read())).toMatch(/\r\n\r\nTest message$/);
    expect(writer.isClosing()).toBe(false);
    writer.close();
    expect(writer.isClosing()).toBe(true);
    expect(await writer.waitClosed()).toBe(undefined);
    expect(String(writer)).toMatch(/^<StreamWriter transport=<SocketTransport closed /);
  }));

test("test_streams.py::StreamTests.test_wait_closed_on_close_with_unread_data: closing does not wait for what nobody has read", () =>
  nodeProgram(async () => {
    await using peer = await Peer.listening(answer);
    const [, writer] = await requested(peer);
    writer.close();
    expect(await writer.waitClosed()).toBe(undefined);
  }));

test("test_streams.py::StreamTests.test_async_writer_api: a connection is used and closed in one task, and nothing is reported", () =>
  nodeProgram(async () => {
    await using peer = await Peer.listening(answer);
    const [reader, writer] = await requested(peer);
    expect(String(await reader.read())).toMatch(/\r\n\r\nTest message$/);
    writer.close();
    expect(await gather(writer.waitClosed(), writer.waitClosed())).toEqual([undefined, undefined]);
  }));

test("test_streams.py::StreamTests.test_async_writer_api_exception_after_close: writing after close() does not throw, waiting for it does", () =>
  nodeProgram(async () => {
    await using peer = await Peer.listening(answer);
    const [reader, writer] = await requested(peer);
    await reader.read();
    writer.close();
    const written = writer.write("data");
    const error = await thrownBy(writer.drain());
    expect(error).toBeInstanceOf(ConnectionLostError);
    expect(error).toMatchObject({ code: "TSYNCIO_CONNECTION_LOST" });
    expect(await thrownBy(written)).toBeInstanceOf(ConnectionLostError);
  }));

test("test_streams.py::StreamTests.test_eof_feed_when_closing_writer: a reader whose writer was closed is at its end", () =>
  nodeProgram(async () => {
    await using peer = await Peer.listening(answer);
    const [reader, writer] = await openConnection("127.0.0.1", peer.port);
    writer.close();
    await writer.waitClosed();
    expect(reader.atEof()).toBe(true);
    expect(String(await reader.read())).toBe("");
  }));

test("test_streams.py::StreamTests.test_drain_raises: who writes and drains without end hears that the connection is lost", () =>
  nodeProgram(async () => {
    await using peer = await Peer.listening((socket) => socket.destroy());
    const [, writer] = await openConnection("127.0.0.1", peer.port);
    const writing = createTask(
      (async () => {
        for (;;) {
          writer.write("foo\n");
          await writer.drain();
        }
      })(),
    );
    const { code } = (await thrownBy(writing)) as { code: string };
    expect(["ECONNRESET", "EPIPE", "TSYNCIO_CONNECTION_LOST"]).toContain(code);
  }));

test("test_streams.py::StreamTests.test_multiple_drain: any number of tasks may wait until the buffer has drained, and all go on", () =>
  nodeProgram(async ({ log, loop }) => {
    await using peer = await Peer.listening((socket) => void socket.pause());
    const [, writer] = await openConnection("127.0.0.1", peer.port);
    const written = writer.write(Buffer.alloc(16 * 1024 * 1024));
    const drainer = async (n: number) => {
      await writer.drain();
      log.push(n);
    };
    const draining = gather(Array.from({ length: 10 }, (_, n) => drainer(n)));
    loop.callLater(20, () => {
      log.push("the peer reads");
      for (const client of peer.clients) client.resume();
    });
    await draining;
    await written;
    expect(log).toEqual(["the peer reads", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    writer.transport.abort();
    await writer.waitClosed();
  }));
