import {
  type Protocol,
  ConnectionLostError,
  type StreamReader,
  type StreamWriter,
  openConnection,
} from "@tsyncio/node";
import type { Socket } from "node:net";
import {
  type Awaitable,
  CancelledError,
  RuntimeError,
  createTask,
  fromPromise,
  gather,
  getRunningLoop,
  sleep,
} from "tsyncio";
import { describe, expect, expectTypeOf, test, vi } from "vitest";
import { Peer } from "../../../../conformance/cpython/streams/peer.ts";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { collectGarbage } from "../../../../test/collect-garbage.ts";

const MIB = 1 << 20;

interface Talk {
  readonly reader: StreamReader;
  readonly writer: StreamWriter;
  readonly peer: Peer;
  /** The other end of the connection. */
  readonly other: () => Socket;
  readonly protocol: Protocol;
  readonly log: unknown[];
}

/** A connection to a peer that reads when it is told to. */
function talking(talk: (given: Talk) => PromiseLike<void>) {
  return nodeProgram(async ({ log }) => {
    await using peer = await Peer.listening((socket) => void socket.pause());
    const [reader, writer] = await openConnection("127.0.0.1", peer.port);
    const other = () => [...peer.clients][0];
    const protocol = writer.transport.getProtocol() as Protocol;
    while (other() === undefined) await sleep(1);
    await talk({ reader, writer, peer, other, protocol, log });
    writer.transport.abort();
    await writer.waitClosed().catch(() => {});
  });
}

/** What a peer receives from now on, until the end. */
async function received(other: Socket) {
  const pieces: Buffer[] = [];
  other.on("data", (data: Buffer) => pieces.push(data)).resume();
  await new Promise((resolve) => other.once("end", resolve));
  return Buffer.concat(pieces);
}

describe("write()", () => {
  test("sends text as UTF-8, and bytes as they are, in order", () =>
    talking(async ({ writer, other }) => {
      writer.write("é");
      writer.write(new Uint8Array([0, 255]));
      writer.write("");
      writer.writelines(["a", Buffer.from("b"), new Uint8Array([99])]);
      writer.writeEof();
      expect([...(await received(other()))]).toEqual([195, 169, 0, 255, 97, 98, 99]);
    }));

  test("need not wait while little is buffered", () =>
    talking(async ({ writer }) => {
      const { iterations } = getRunningLoop().statistics();
      for (let i = 0; i < 100; i++) expect(await writer.write("x")).toBe(undefined);
      expect(await writer.writelines(["x", "y"])).toBe(undefined);
      expect(getRunningLoop().statistics().iterations).toBe(iterations);
    }));

  test("waits above the high mark for a peer that does not read, until it is down to the low mark", () =>
    talking(async ({ writer, other, log }) => {
      let sent = 0;
      const writing = createTask(
        (async () => {
          while (sent < 32 * MIB) {
            sent += MIB;
            await writer.write(Buffer.alloc(MIB));
            log.push(writer.transport.getWriteBufferSize() <= 16_384);
          }
        })(),
      );
      await sleep(50);
      const before = sent;
      await sleep(50);
      // What the system takes, and one piece more.
      expect([sent, writing.done()]).toEqual([before, false]);
      expect(sent).toBeLessThan(16 * MIB);
      expect(writer.transport.getWriteBufferSize()).toBeLessThanOrEqual(MIB);
      other().resume();
      await writing;
      expect(log).toEqual(Array.from({ length: 32 }, () => true));
    }));

  test("need not be awaited: no warning, no report, not even when the connection breaks", () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    const emitted = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    return talking(async ({ writer, other }) => {
      for (let i = 0; i < 40; i++) writer.write(Buffer.alloc(MIB));
      other().destroy();
      expect(await thrownBy(writer.waitClosed())).toMatchObject({ syscall: expect.any(String) });
      for (let i = 0; i < 3; i++) writer.write("lost");
      await fromPromise(collectGarbage(() => false));
      expect([warned.mock.calls, emitted.mock.calls]).toEqual([[], []]);
    }).finally(() => vi.restoreAllMocks());
  });

  test("may be awaited later, more than once, as a task, and by native code", () =>
    talking(async ({ writer, protocol, log }) => {
      protocol.pauseWriting();
      const written = writer.write("x");
      const all = gather(
        written,
        createTask(written),
        written.then(() => log.push("then")),
      );
      await sleep(0);
      protocol.resumeWriting();
      await all;
      await written;
      expect(log).toEqual(["then"]);
    }));

  test("refuses what is neither text nor bytes, and anything after writeEof()", () =>
    talking(async ({ writer }) => {
      for (const wrong of [5, null, ["x"], new ArrayBuffer(3)] as never[])
        expect(() => writer.write(wrong)).toThrow(TypeError);
      expect(() => writer.writelines(["x", 5 as never])).toThrow(TypeError);
      writer.writeEof();
      expect(() => writer.write("x")).toThrow(RuntimeError);
    }));

  test("throws what broke the connection to who awaits it", () =>
    talking(async ({ reader, writer, other }) => {
      other().resetAndDestroy();
      const broken = await thrownBy(reader.read());
      expect(broken).toMatchObject({ code: "ECONNRESET", syscall: "read" });
      expect(await thrownBy(writer.write("x"))).toBe(broken);
      expect(await thrownBy(writer.drain())).toBe(broken);
      expect(await thrownBy(writer.waitClosed())).toBe(broken);
    }));

  test("is typed as something to await", () => {
    expectTypeOf<ReturnType<StreamWriter["write"]>>().toEqualTypeOf<Awaitable<void>>();
    expectTypeOf<Parameters<StreamWriter["write"]>>().toEqualTypeOf<[data: string | Uint8Array]>();
  });
});

/** The ways to wait for a writer: each with what ends the wait. */
const WAITS: [name: string, wait: (writer: StreamWriter) => Awaitable<void>][] = [
  ["drain()", (writer) => writer.drain()],
  ["await write()", (writer) => writer.write("x")],
];

describe.each(WAITS)("%s", (_name, wait) => {
  test("goes on one iteration after the buffer has drained, with all who wait", () =>
    talking(async ({ writer, protocol, log }) => {
      protocol.pauseWriting();
      const waiting = ["a", "b"].map((name) =>
        createTask(
          (async () => {
            await wait(writer);
            log.push(name);
          })(),
        ),
      );
      await sleep(0);
      const loop = getRunningLoop();
      loop.callSoon(() => {
        log.push("drained");
        protocol.resumeWriting();
        loop.callSoon(() => log.push("asked for later"));
      });
      loop.callSoon(() => log.push("same iteration"));
      await gather(waiting);
      await sleep(0);
      expect(log).toEqual(["drained", "same iteration", "a", "b", "asked for later"]);
    }));

  test("cancelled while it waits, it disturbs nobody else", () =>
    talking(async ({ writer, protocol }) => {
      protocol.pauseWriting();
      const [cancelled, other] = [createTask(wait(writer)), createTask(wait(writer))];
      await sleep(0);
      cancelled.cancel();
      expect(await thrownBy(cancelled)).toBeInstanceOf(CancelledError);
      expect(other.done()).toBe(false);
      protocol.resumeWriting();
      expect(await other).toBe(undefined);
      expect(await wait(writer)).toBe(undefined);
    }));

  test("cancelled in the iteration in which the buffer drains, it is cancelled", () =>
    talking(async ({ writer, protocol }) => {
      for (const cancelFirst of [false, true]) {
        protocol.pauseWriting();
        const task = createTask(wait(writer));
        await sleep(0);
        if (cancelFirst) task.cancel();
        protocol.resumeWriting();
        if (!cancelFirst) task.cancel();
        expect(await thrownBy(task)).toBeInstanceOf(CancelledError);
        expect(await wait(writer)).toBe(undefined);
      }
    }));

  test("ends with the connection: without an error when it was closed, with what broke it else", () =>
    talking(async ({ writer, protocol }) => {
      protocol.pauseWriting();
      const task = createTask(wait(writer));
      await sleep(0);
      const broken = new Error("broken");
      protocol.connectionLost(broken);
      expect(await thrownBy(task)).toBe(broken);
    }));

  test("cancelled in the iteration in which the connection breaks, it is cancelled, and the error is not reported", () =>
    talking(async ({ writer, protocol }) => {
      protocol.pauseWriting();
      const task = createTask(wait(writer));
      await sleep(0);
      protocol.connectionLost(new Error("broken"));
      task.cancel();
      expect(await thrownBy(task)).toBeInstanceOf(CancelledError);
    }));

  test("throws what broke the reader of its connection", () =>
    talking(async ({ reader, writer }) => {
      const broken = new Error("broken");
      reader.setException(broken);
      expect(await thrownBy(wait(writer))).toBe(broken);
    }));

  test("is lost once and for all", () =>
    talking(async ({ writer, protocol }) => {
      protocol.pauseWriting();
      protocol.connectionLost(null);
      protocol.resumeWriting();
      expect(await thrownBy(wait(writer))).toBeInstanceOf(ConnectionLostError);
    }));

  test("after close() the connection is lost for it", () =>
    talking(async ({ writer, protocol }) => {
      protocol.pauseWriting();
      const task = createTask(wait(writer));
      await sleep(0);
      writer.close();
      expect(await task).toBe(undefined);
      const error = (await thrownBy(wait(writer))) as Error;
      expect(error).toBeInstanceOf(ConnectionLostError);
      expect(error.message).toBe("Cannot write: the connection is lost; look at isClosing() before");
    }));
});

describe("waitClosed()", () => {
  test("waits for close(), and for everything to be sent", () =>
    talking(async ({ writer, other, log }) => {
      const size = 32 * MIB;
      const closed = createTask((async () => void log.push("closed", await writer.waitClosed()))());
      writer.write(Buffer.alloc(size));
      await sleep(5);
      writer.close();
      await sleep(5);
      expect([closed.done(), writer.isClosing()]).toEqual([false, true]);
      expect((await received(other())).length).toBe(size);
      await closed;
      expect(log).toEqual(["closed", undefined]);
      expect(await writer.waitClosed()).toBe(undefined);
    }));

  test("cancelled, it does not keep others from waiting, nor the connection from being closed", () =>
    talking(async ({ writer }) => {
      const [cancelled, other] = [createTask(writer.waitClosed()), createTask(writer.waitClosed())];
      await sleep(0);
      cancelled.cancel();
      writer.close();
      expect(await thrownBy(cancelled)).toBeInstanceOf(CancelledError);
      expect(await other).toBe(undefined);
      expect(await writer.waitClosed()).toBe(undefined);
    }));

  test("cancelled in the iteration in which the connection is lost, it is cancelled", () =>
    talking(async ({ writer }) => {
      const task = createTask(writer.waitClosed());
      await sleep(0);
      writer.close();
      await sleep(0);
      expect(task.cancel()).toBe(true);
      expect(await thrownBy(task)).toBeInstanceOf(CancelledError);
    }));
});

describe("one half", () => {
  test("can be ended alone: the peer reads to its end, and answers", () =>
    talking(async ({ reader, writer, other }) => {
      expect(writer.canWriteEof()).toBe(true);
      writer.write("question");
      writer.writeEof();
      writer.writeEof();
      expect(String(await received(other()))).toBe("question");
      expect(writer.isClosing()).toBe(false);
      other().end("answer");
      expect(String(await reader.read())).toBe("answer");
    }));

  test("may be ended by the peer: what is written then arrives all the same", () =>
    talking(async ({ reader, writer, other }) => {
      other().end("bye");
      expect(String(await reader.read())).toBe("bye");
      expect([reader.atEof(), writer.isClosing()]).toEqual([true, false]);
      await writer.write("good ");
      await writer.write("bye");
      writer.close();
      expect(String(await received(other()))).toBe("good bye");
      expect(await writer.waitClosed()).toBe(undefined);
    }));
});

describe("await using", () => {
  test("closes the connection, and waits until everything is sent", () =>
    talking(async ({ writer, other }) => {
      const receiving = createTask(received(other()));
      {
        await using _ = writer;
        writer.write(Buffer.alloc(8 * MIB));
      }
      expect(String(writer)).toMatch(/closed/);
      expect((await receiving).length).toBe(8 * MIB);
    }));

  test("does not throw what broke the connection: the block has its own errors", () =>
    talking(async ({ writer, other }) => {
      const error = await thrownBy(
        (async () => {
          await using _ = writer;
          other().resetAndDestroy();
          await sleep(5);
          throw new RangeError("of the block");
        })(),
      );
      expect(error).toEqual(new RangeError("of the block"));
    }));

  test("cancelled while it waits, it drops what is not sent", () =>
    talking(async ({ writer, other }) => {
      const leaving = createTask(
        (async () => {
          await using _ = writer;
          writer.write(Buffer.alloc(32 * MIB));
        })(),
      );
      await sleep(5);
      leaving.cancel();
      expect(await thrownBy(leaving)).toBeInstanceOf(CancelledError);
      expect(await writer.waitClosed()).toBe(undefined);
      other().resume();
    }));
});

test("a writer tells of its connection", () =>
  talking(async ({ writer, peer }) => {
    expect(writer.getExtraInfo("peername")).toEqual({ address: "127.0.0.1", port: peer.port, family: "IPv4" });
    expect([writer.getExtraInfo("nothing"), writer.getExtraInfo("nothing", 5)]).toEqual([null, 5]);
    expect(String(writer)).toMatch(/^<StreamWriter transport=<SocketTransport open .*> reader=<StreamReader .*>>$/);
  }));
