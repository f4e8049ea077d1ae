import { type StreamReader, type StreamWriter, openConnection, openUnixConnection } from "@tsyncio/node";
import { CancelledError, type Coroutine, TimeoutError, createTask, sleep } from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";
import { Peer, SocketFolder } from "../../../../conformance/cpython/streams/peer.ts";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";

type Opening = Coroutine<[StreamReader, StreamWriter]>;

/** Cancels after so many turns of Node and then so many iterations; gives whether that was in time. */
async function cancelledAfter(open: () => Opening, turns: number, iterations: number) {
  const task = createTask(open());
  for (let n = 0; n < turns; n++) await new Promise(setImmediate);
  for (let n = 0; n < iterations; n++) await sleep(0);
  const inTime = task.cancel();
  const outcome = await Promise.resolve(task).then(
    ([, writer]) => writer.transport.abort(),
    (error: unknown) => error,
  );
  await sleep(0);
  expect(outcome instanceof CancelledError).toBe(inTime);
  return inTime;
}

/** Cancels at every point; each time nothing may be left. */
async function cancelledEverywhere(open: () => Opening, held: () => number) {
  let turns = 0;
  for (let inTime = true; inTime; turns++) {
    for (let iterations = 0; iterations < 5; iterations++) {
      inTime = await cancelledAfter(open, turns, iterations);
      expect(held()).toBe(0);
    }
  }
  expect(turns).toBeGreaterThan(1);
}

describe("openConnection", () => {
  test("gives a reader and a writer, the reader with its limit", () =>
    nodeProgram(async () => {
      await using peer = await Peer.listening((socket) => void socket.write("a line\n"));
      const [reader, writer] = await openConnection("127.0.0.1", peer.port, { limit: 3 });
      expect(String(reader)).toMatch(/^<StreamReader.* limit=3 transport=/);
      expect(await thrownBy(reader.readline())).toEqual(
        new RangeError(
          `Cannot read a line from 127.0.0.1:${peer.port}: it is longer than the limit of 3 bytes; it was dropped`,
        ),
      );
      writer.close();
      await writer.waitClosed();
    }));

  test("says in errors where the stream came from", () =>
    nodeProgram(async () => {
      await using peer = await Peer.listening((socket) => void socket.end("abc"));
      const [reader, writer] = await openConnection("127.0.0.1", peer.port);
      expect(await thrownBy(reader.readexactly(1024))).toMatchObject({
        message: `Cannot read exactly 1024 bytes from 127.0.0.1:${peer.port}: the stream ended after 3; they are in error.partial`,
      });
      writer.close();
      await writer.waitClosed();
    }));

  test("throws the error of the system as it is", () =>
    nodeProgram(async () => {
      const peer = await Peer.listening(() => {});
      const { port } = peer;
      await peer[Symbol.asyncDispose]();
      expect(await thrownBy(openConnection("127.0.0.1", port))).toMatchObject({
        code: "ECONNREFUSED",
        syscall: "connect",
        address: "127.0.0.1",
        port,
      });
    }));

  test("cancelled at any point it leaves nothing behind", () =>
    nodeProgram(async ({ loop }) => {
      await using peer = await Peer.listening(() => {});
      await cancelledEverywhere(
        () => openConnection("127.0.0.1", peer.port, { timeout: "10s" }),
        () => loop.resources.size,
      );
    }));

  test("takes no longer than its timeout, and leaves nothing behind then", () =>
    nodeProgram(async ({ loop }) => {
      // It never begins its half of the handshake.
      await using peer = await Peer.listening(() => {});
      const start = loop.time();
      const options = { tls: true, serverHostname: "localhost", timeout: "30ms" } as const;
      expect(await thrownBy(openConnection("127.0.0.1", peer.port, options))).toBeInstanceOf(TimeoutError);
      expect(loop.time() - start).toBeLessThan(5_000);
      expect(loop.resources.size).toBe(0);
    }));

  test("tells of a wrong limit at the call", () =>
    nodeProgram(async () => {
      for (const open of [openConnection, openUnixConnection] as const)
        expect(() => open("localhost", { limit: 0 } as never, { limit: 0 } as never)).toThrow(
          new RangeError("Cannot create StreamReader: limit must be > 0, received 0"),
        );
    }));

  test("is typed as a pair", () => {
    expectTypeOf<ReturnType<typeof openConnection>>().toEqualTypeOf<Opening>();
    expectTypeOf<ReturnType<typeof openUnixConnection>>().toEqualTypeOf<Opening>();
  });
});

describe("openUnixConnection", () => {
  test("throws the error of the system as it is", () =>
    nodeProgram(async () => {
      using folder = new SocketFolder();
      expect(await thrownBy(openUnixConnection(folder.path))).toMatchObject({ code: "ENOENT", address: folder.path });
    }));

  test("cancelled at any point it leaves nothing behind", () =>
    nodeProgram(async ({ loop }) => {
      using folder = new SocketFolder();
      await using _peer = await Peer.listening(() => {}, { path: folder.path });
      await cancelledEverywhere(
        () => openUnixConnection(folder.path),
        () => loop.resources.size,
      );
    }));
});
