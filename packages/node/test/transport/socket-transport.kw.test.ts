import { type Transport, createConnection } from "@tsyncio/node";
import type { Socket } from "node:net";
import { ContextVar, KeyboardInterrupt, getRunningLoop, run, sleep } from "tsyncio";
import { describe, expect, test, vi } from "vitest";
import { PeerServer, fill, withPeer } from "../../../../conformance/cpython/transports/peer.ts";
import { BufferedRecorder, Recorder } from "../../../../conformance/cpython/transports/recorder.ts";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { FED_DIRECTLY } from "../../src/transport/protocol.ts";

const bytes = (text: string) => Buffer.from(text);

describe("reading", () => {
  test("what came before a reset is handed over before the connection is lost", () =>
    withPeer(
      () => new Recorder(),
      async ({ protocol, peer }, { loop }) => {
        const { heard } = protocol;
        // Both come while the loop is busy, and Node tells of them in one go.
        await new Promise((resolve) => void peer.socket.write("before", resolve));
        peer.socket.resetAndDestroy();
        const end = loop.time() + 20;
        while (loop.time() < end);
        await heard.until(() => heard.lost);
        expect(heard.log.at(-1)).toEqual(["lost", expect.objectContaining({ code: "ECONNRESET" })]);
        expect(["made,data before", "made"]).toContain(heard.log.slice(0, -1).join());
      },
    ));

  test("a protocol that pauses in dataReceived gets the rest when it resumes, then the end", () => {
    class OneByOne extends Recorder {
      override dataReceived(data: Uint8Array) {
        super.dataReceived(data);
        this.transport.pauseReading();
        this.heard.event("paused");
      }
    }
    return withPeer(
      () => new OneByOne(),
      async ({ transport, protocol, peer }) => {
        const { heard } = protocol;
        for (const piece of ["one", "two", "three"]) {
          await new Promise((resolve) => void peer.socket.write(piece, resolve));
          await sleep(2);
        }
        peer.socket.end();
        await sleep(5);
        expect(heard.log).toEqual(["made", "data one", "paused"]);
        while (!heard.lost) {
          expect(heard.log.at(-1)).toBe("paused");
          transport.resumeReading();
          await heard.until(() => heard.lost || !transport.isReading());
          await sleep(2);
        }
        expect(heard.received).toBe("onetwothree");
        expect(heard.log.slice(-2)).toEqual(["eof", ["lost", null]]);
      },
    );
  });

  test("a buffered protocol that pauses in the middle of a piece loses nothing", () => {
    class Pausing extends BufferedRecorder {
      override bufferUpdated(size: number) {
        super.bufferUpdated(size);
        this.transport.pauseReading();
      }
    }
    return withPeer(
      () => new Pausing(3),
      async ({ transport, protocol, peer }) => {
        const { heard } = protocol;
        peer.socket.end("12345678");
        await heard.until(() => heard.received === "123");
        await sleep(5);
        expect(heard.log).toEqual(["made", "data 123"]);
        transport.resumeReading();
        await heard.until(() => heard.received === "123456");
        transport.resumeReading();
        await heard.until(() => heard.received === "12345678");
        expect(heard.log.includes("eof")).toBe(false);
        transport.resumeReading();
        await heard.until(() => heard.lost);
        expect(heard.log).toEqual(["made", "data 12345678", "eof", ["lost", null]]);
      },
    );
  });

  test("a protocol that does not read holds the peer back: only so much is taken from the system", () =>
    withPeer(
      () => new Recorder(),
      async ({ transport, protocol, peer }) => {
        transport.pauseReading();
        const socket = transport.getExtraInfo("socket") as Socket;
        const total = 1 << 26;
        const piece = Buffer.alloc(1 << 16);
        for (let sent = 0; sent < total; sent += piece.length) peer.socket.write(piece);
        await sleep(50);
        expect(peer.socket.writableLength).toBeGreaterThan(0);
        expect(socket.readableLength).toBeLessThanOrEqual(1 << 17);
        expect(protocol.heard.received.length).toBe(0);
      },
    ));

  test("a protocol that is slow holds the peer back: what waits for it is bounded", () => {
    let most = 0;
    class Slow extends Recorder {
      size = 0;
      override dataReceived(data: Uint8Array) {
        this.size += data.length;
        const socket = this.transport.getExtraInfo("socket") as Socket;
        most = Math.max(most, socket.readableLength);
      }
    }
    return withPeer(
      () => new Slow(),
      async ({ protocol, peer }) => {
        const total = 1 << 25;
        peer.socket.end(Buffer.alloc(total));
        await protocol.heard.until(() => protocol.heard.lost);
        expect(protocol.size).toBe(total);
        expect(most).toBeLessThanOrEqual(1 << 17);
      },
    );
  });

  test("an interrupt that comes out of a protocol ends the run", async () => {
    class Interrupting extends Recorder {
      override dataReceived(): never {
        throw new KeyboardInterrupt();
      }
    }
    const server = new PeerServer();
    const running = run(async () => {
      await server.listen({ host: "127.0.0.1" });
      await createConnection(() => new Interrupting(), "127.0.0.1", server.port);
      const peer = await server.accept();
      peer.socket.write("data");
      await sleep("1h");
    });
    await expect(running).rejects.toBeInstanceOf(KeyboardInterrupt);
    server.close();
  });
});

describe("a protocol that only keeps bytes", () => {
  const running = () => {
    try {
      getRunningLoop();
      return "in a turn";
    } catch {
      return "between turns";
    }
  };
  class Keeping extends Recorder {
    override connectionMade(transport: Transport) {
      super.connectionMade(transport);
      this.heard.event(running());
    }
    override dataReceived(data: Uint8Array) {
      super.dataReceived(data);
      this.heard.event(running());
    }
    override eofReceived() {
      super.eofReceived();
      this.heard.event(running());
      return undefined;
    }
    override resumeWriting() {
      super.resumeWriting();
      this.heard.event(running());
    }
    override connectionLost(error: unknown) {
      super.connectionLost(error);
      this.heard.event(running());
    }
  }
  const factory = () => Object.defineProperty(new Keeping(), FED_DIRECTLY, { value: true });

  test("is fed between the turns of the loop; its connection is made and lost in them", () =>
    withPeer(factory, async ({ transport, protocol, peer }) => {
      const { heard } = protocol;
      const between = "between turns";
      peer.socket.pause();
      fill(transport);
      peer.socket.resume();
      await heard.until(() => heard.log.includes("resumeWriting"));
      peer.socket.end("data");
      await heard.until(() => heard.log.at(-1) === "in a turn" && heard.lost);
      expect(heard.log).toEqual([
        "made",
        "in a turn",
        "pauseWriting",
        "resumeWriting",
        between,
        "data data",
        between,
        "eof",
        between,
        ["lost", null],
        "in a turn",
      ]);
    }));

  test("gets nothing while it does not read, and everything in its order when it does", () =>
    withPeer(factory, async ({ transport, protocol, peer }) => {
      const { heard } = protocol;
      transport.pauseReading();
      peer.socket.end("data");
      await sleep(10);
      expect(heard.log).toEqual(["made", "in a turn"]);
      transport.resumeReading();
      await heard.until(() => heard.lost);
      expect(heard.log.filter((event) => typeof event !== "string" || !/turn/.test(event))).toEqual([
        "made",
        "data data",
        "eof",
        ["lost", null],
      ]);
    }));

  test("may take the place of one that does not, and the other way round", () =>
    withPeer(factory, async ({ transport, protocol, peer }) => {
      const slow = new Recorder();
      peer.socket.write("one");
      await protocol.heard.until(() => protocol.heard.received === "one");
      transport.setProtocol(slow);
      peer.socket.write("two");
      await slow.heard.until(() => slow.heard.received === "two");
      transport.setProtocol(protocol);
      peer.socket.end("three");
      await protocol.heard.until(() => protocol.heard.lost);
      expect([protocol.heard.received, slow.heard.log]).toEqual(["onethree", ["data two"]]);
    }));
});

describe("writing", () => {
  test("pauseWriting comes from within write(), resumeWriting when the buffer has drained to the low mark, in turns", () =>
    withPeer(
      () => new Recorder(),
      async ({ transport, protocol, peer }) => {
        const { log } = protocol.heard;
        const expected = ["made"];
        for (let round = 1; round <= 3; round++) {
          peer.socket.pause();
          fill(transport);
          expected.push("pauseWriting");
          expect(log).toEqual(expected);
          transport.write(bytes("more"));
          peer.socket.resume();
          await protocol.heard.until(() => log.at(-1) === "resumeWriting");
          expect(transport.getWriteBufferSize()).toBeLessThanOrEqual(16_384);
          expected.push("resumeWriting");
          expect(log).toEqual(expected);
        }
      },
    ));

  test("several pieces are checked against the high mark too, and dropped without an error after the end", () =>
    withPeer(
      () => new Recorder(),
      async ({ transport, protocol, peer }) => {
        peer.socket.pause();
        const pieces = Array.from({ length: 64 }, () => Buffer.alloc(1 << 20));
        transport.writelines(pieces);
        expect(protocol.heard.log).toEqual(["made", "pauseWriting"]);
        transport.abort();
        transport.writelines(pieces);
        await sleep(0);
        transport.writelines(pieces);
        transport.writelines([]);
        expect(protocol.heard.log).toEqual(["made", "pauseWriting", ["lost", null]]);
      },
    ));

  test("an error of pauseWriting or resumeWriting is reported, and the connection lives on", () => {
    class Failing extends Recorder {
      override pauseWriting() {
        throw new RangeError("pause");
      }
      override resumeWriting() {
        super.resumeWriting();
        throw new RangeError("resume");
      }
    }
    return withPeer(
      () => new Failing(),
      async ({ transport, protocol, peer }, { heard }) => {
        peer.socket.pause();
        const written = fill(transport);
        peer.socket.resume();
        await protocol.heard.until(() => protocol.heard.log.includes("resumeWriting"));
        await peer.until(() => peer.received.length === written);
        expect(transport.isClosing()).toBe(false);
        expect(heard.splice(0).map(({ message, exception }) => `${message}: ${String(exception)}`)).toEqual([
          "protocol.pauseWriting() failed: RangeError: pause",
          "protocol.resumeWriting() failed: RangeError: resume",
        ]);
      },
    );
  });

  test("a transport that is closing still takes what is written while something is buffered", () =>
    withPeer(
      () => new Recorder(),
      async ({ transport, protocol, peer }) => {
        peer.socket.pause();
        const written = fill(transport);
        transport.close();
        transport.write(bytes("after"));
        peer.socket.resume();
        await protocol.heard.until(() => protocol.heard.lost);
        await peer.until(() => peer.ended);
        expect(peer.received.length).toBe(written + 5);
      },
    ));
});

describe("the end", () => {
  test("when both halves were ended in order, the transport is still there until it is closed", () =>
    withPeer(
      () => Object.assign(new Recorder(), { keepOpen: true }),
      async ({ transport, protocol, peer }) => {
        peer.socket.end();
        await protocol.heard.until(() => protocol.heard.log.includes("eof"));
        transport.writeEof();
        await peer.until(() => peer.closed);
        await sleep(5);
        expect([protocol.heard.log, transport.isClosing()]).toEqual([["made", "eof"], false]);
        transport.close();
        await sleep(0);
        expect(protocol.heard.log).toEqual(["made", "eof", ["lost", null]]);
      },
    ));

  test("a socket that somebody destroys ends the connection as an abort", () =>
    withPeer(
      () => new Recorder(),
      async ({ transport, protocol }) => {
        (transport.getExtraInfo("socket") as Socket).destroy();
        await protocol.heard.until(() => protocol.heard.lost);
        expect(protocol.heard.log).toEqual(["made", ["lost", null]]);
      },
    ));

  test("an error of connectionLost is reported, and the socket is closed all the same", () => {
    class Failing extends Recorder {
      override connectionLost(error: unknown) {
        super.connectionLost(error);
        throw new RangeError("at the end");
      }
    }
    return withPeer(
      () => new Failing(),
      async ({ transport, peer }, { heard, loop }) => {
        transport.close();
        await peer.until(() => peer.ended);
        expect(loop.resources.size).toBe(0);
        expect(heard.splice(0).map(({ message }) => message)).toEqual(["Exception in callback connectionLost()"]);
      },
    );
  });

  test("closing the loop drops open connections, without a word to their protocols; in debug mode it is a warning", async () => {
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const recorder = new Recorder();
    const main = async () => {
      const server = new PeerServer();
      await server.listen({ host: "127.0.0.1" });
      const [transport] = await createConnection(() => recorder, "127.0.0.1", server.port);
      const peer = await server.accept();
      peer.socket.pause();
      fill(transport);
      server.close();
      expect(getRunningLoop().resources.size).toBe(1);
      return peer;
    };
    const peer = await run(main(), { debug: true });
    peer.socket.destroy();
    expect((recorder.transport.getExtraInfo("socket") as Socket).destroyed).toBe(true);
    expect(recorder.heard.log).toEqual(["made", "pauseWriting"]);
    expect(warned.mock.calls).toEqual([
      [expect.stringMatching(/^unclosed transport <SocketTransport open /), "ResourceWarning"],
    ]);
    expect(String(recorder.transport)).toMatch(/^<SocketTransport closed /);
    warned.mockRestore();
  });
});

test("a protocol is called in the context in which its transport was made, and keeps what it sets there", () =>
  nodeProgram(async () => {
    const name = new ContextVar<string>("name", { default: "none" });
    const seen: string[] = [];
    class Looking extends Recorder {
      override connectionMade(transport: Transport) {
        super.connectionMade(transport);
        seen.push(name.get());
        name.set("the protocol's");
      }
      override dataReceived(data: Uint8Array) {
        seen.push(name.get());
        super.dataReceived(data);
      }
      override connectionLost(error: unknown) {
        seen.push(name.get());
        super.connectionLost(error);
      }
    }
    const server = new PeerServer();
    await server.listen({ host: "127.0.0.1" });
    name.set("the maker's");
    const [, protocol] = await createConnection(() => new Looking(), "127.0.0.1", server.port);
    name.set("later");
    (await server.accept()).socket.end("data");
    await protocol.heard.until(() => protocol.heard.lost);
    server.close();
    expect(seen).toEqual(["the maker's", "the protocol's", "the protocol's"]);
    expect(name.get()).toBe("later");
  }));

test("a transport says what it is", () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, peer }) => {
      const port = peer.socket.localPort;
      const text = `<SocketTransport open read=polling write=<bufsize=0> peer=127.0.0.1:${port}>`;
      expect(String(transport)).toBe(text);
      transport.pauseReading();
      expect(String(transport)).toBe(text.replace("polling", "idle"));
      transport.close();
      expect(String(transport)).toContain("<SocketTransport closing read=idle");
      await sleep(0);
      expect(String(transport)).toContain("<SocketTransport closed read=idle");
    },
  ));
