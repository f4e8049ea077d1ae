import { type Transport, createConnection, openConnection } from "@tsyncio/node";
import type { TLSSocket, TlsOptions } from "node:tls";
import { RuntimeError, TimeoutError, sleep } from "tsyncio";
import { describe, expect, test, vi } from "vitest";
import { Peer } from "../../../../conformance/cpython/transports/peer.ts";
import { Recorder } from "../../../../conformance/cpython/transports/recorder.ts";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import type { Given } from "../../../../conformance/program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { ca } from "../../../../test/tls/certificates.ts";
import { TlsPeer } from "../../../../test/tls/tls-peer.ts";

const bytes = (text: string) => Buffer.from(text);

interface Connected {
  readonly transport: Transport;
  readonly protocol: Recorder;
  /** The other end, which ends when it is ended only by the test's own doing. */
  readonly peer: Peer;
}

/** A test's program with a connection to a bare server of Node, whose sockets end each half by itself. */
function withPeer(
  use: (connected: Connected, given: Given) => PromiseLike<void>,
  { factory = () => new Recorder(), shutdownTimeout = 10_000, options = {} as TlsOptions } = {},
) {
  return nodeProgram(async (given) => {
    const accepted: TLSSocket[] = [];
    await using server = await TlsPeer.listening((socket) => void accepted.push(socket), {
      allowHalfOpen: true,
      ...options,
    });
    const connecting = createConnection(factory, "127.0.0.1", server.port, { tls: { ca }, shutdownTimeout });
    const [transport, protocol] = await connecting;
    while (accepted.length === 0) await sleep(1);
    await use({ transport, protocol, peer: new Peer(accepted[0]) }, given);
    transport.abort();
    accepted[0].destroy();
    await sleep(0);
  });
}

describe("close()", () => {
  test("says goodbye when everything is sent, and is done when the peer has said it too", () =>
    withPeer(async ({ transport, protocol: { heard }, peer }) => {
      transport.write(bytes("x".repeat(1 << 20)));
      transport.close();
      transport.close();
      expect(transport.isClosing()).toBe(true);
      await peer.until(() => peer.ended);
      expect(peer.received.length).toBe(1 << 20);
      await sleep(10);
      expect(heard.log.includes("eof") || heard.lost).toBe(false);
      peer.socket.end();
      await heard.until(() => heard.lost);
      expect(heard.log.at(-1)).toEqual(["lost", null]);
    }));

  test("drops what the peer sends after it, however much that is", () =>
    withPeer(async ({ transport, protocol: { heard }, peer }) => {
      transport.close();
      await peer.until(() => peer.ended);
      peer.socket.end("too late".repeat(100_000));
      await heard.until(() => heard.lost);
      expect(heard.log).toEqual(["made", ["lost", null]]);
    }));

  test("works while reading is paused and much is unread", () =>
    withPeer(async ({ transport, protocol: { heard }, peer }) => {
      transport.pauseReading();
      peer.socket.end("unread".repeat(100_000));
      await sleep(10);
      transport.close();
      await heard.until(() => heard.lost);
      expect(heard.log).toEqual(["made", ["lost", null]]);
    }));

  test("gives up after the shutdown timeout when the peer does not say goodbye", () =>
    withPeer(
      async ({ transport, protocol: { heard }, peer }, { loop }) => {
        const begin = loop.time();
        transport.close();
        await heard.until(() => heard.lost);
        expect(loop.time() - begin).toBeGreaterThanOrEqual(50);
        expect(heard.error).toBeInstanceOf(TimeoutError);
        expect(String(heard.error)).toBe(
          "TimeoutError: Cannot close the connection in order: the peer has not ended it within 50 ms",
        );
        await peer.until(() => peer.ended || peer.closed);
      },
      { shutdownTimeout: 50 },
    ));

  test("gives up after the shutdown timeout when the peer does not read what is still to be sent", () =>
    withPeer(
      async ({ transport, protocol: { heard }, peer }) => {
        peer.socket.pause();
        transport.write(Buffer.alloc(1 << 25));
        expect(transport.getWriteBufferSize()).toBeGreaterThan(0);
        transport.close();
        await heard.until(() => heard.lost);
        expect(heard.error).toBeInstanceOf(TimeoutError);
        expect(transport.getWriteBufferSize()).toBe(0);
      },
      { shutdownTimeout: 50 },
    ));

  test("leaves no timer behind when it is followed by abort()", () =>
    withPeer(async ({ transport, protocol: { heard } }, { loop }) => {
      transport.close();
      expect(loop.statistics().timers).toBe(1);
      transport.abort();
      await heard.until(() => heard.lost);
      expect(heard.log).toEqual(["made", ["lost", null]]);
      expect(loop.statistics().timers).toBe(0);
    }));

  test("is called for a protocol whose eofReceived() would keep the connection open", () => {
    class Keeping extends Recorder {
      override keepOpen = true;
    }
    return withPeer(
      async ({ transport, protocol: { heard }, peer }) => {
        peer.socket.end("last words");
        await heard.until(() => heard.lost);
        expect(heard.log).toEqual(["made", "data last words", "eof", ["lost", null]]);
        expect(transport.isClosing()).toBe(true);
      },
      { factory: () => new Keeping() },
    );
  });

  test("of a writer is waited for by waitClosed(), which throws the timeout", () =>
    nodeProgram(async () => {
      await using server = await TlsPeer.listening(() => {}, { allowHalfOpen: true });
      const options = { tls: { ca }, shutdownTimeout: 20 };
      const [, writer] = await openConnection("127.0.0.1", server.port, options);
      writer.close();
      expect(await thrownBy(writer.waitClosed())).toBeInstanceOf(TimeoutError);
    }));
});

describe("a peer that", () => {
  test("ends the connection without a goodbye has ended it", () =>
    withPeer(async ({ protocol: { heard }, peer }) => {
      peer.socket.write("cut off");
      await heard.until(() => heard.received === "cut off");
      // Below TLS.
      (peer.socket as unknown as { _parent: TLSSocket })._parent.end();
      await heard.until(() => heard.lost);
      expect(heard.log).toEqual(["made", "data cut off", "eof", ["lost", null]]);
    }));

  test("resets the connection breaks it, and nobody else is told", () =>
    withPeer(async ({ transport, protocol: { heard }, peer }) => {
      // The system resets a connection that is closed with something unread.
      peer.socket.pause();
      transport.write(Buffer.alloc(1 << 25));
      await sleep(10);
      peer.socket.destroy();
      await heard.until(() => heard.lost);
      const code = expect.stringMatching(/^(ECONNRESET|EPIPE)$/);
      expect(heard.log).toEqual(["made", "pauseWriting", ["lost", expect.objectContaining({ code })]]);
    }));

  test("is gone when it is said goodbye to has been closed in order", () =>
    withPeer(async ({ protocol: { heard }, peer }) => {
      peer.socket.end("over");
      peer.socket.destroySoon();
      await heard.until(() => heard.lost);
      expect(heard.log).toEqual(["made", "data over", "eof", ["lost", null]]);
    }));
});

test("abort() drops what is not sent, and is done at once", () =>
  withPeer(async ({ transport, protocol: { heard }, peer }) => {
    peer.socket.pause();
    transport.write(Buffer.alloc(1 << 25));
    transport.abort();
    transport.abort();
    await sleep(0);
    expect(heard.log).toContainEqual(["lost", null]);
    peer.socket.resume();
    await peer.until(() => peer.ended || peer.closed);
    expect(peer.received.length).toBeLessThan(1 << 25);
  }));

test("TLS cannot be ended by halves", () =>
  withPeer(async ({ transport }) => {
    expect(transport.canWriteEof()).toBe(false);
    expect(() => transport.writeEof()).toThrow(
      new RuntimeError("Cannot write EOF: a connection with TLS ends as a whole; call close()"),
    );
    expect(transport.isClosing()).toBe(false);
  }));

test("what is no bytes is refused, also after close(); the fifth write after it is warned of once", () =>
  withPeer(async ({ transport }) => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    expect(() => transport.write("text" as never)).toThrow(TypeError);
    transport.close();
    expect(() => transport.write("text" as never)).toThrow(TypeError);
    for (let i = 0; i < 10; i++) transport.write(bytes("late"));
    transport.write(bytes(""));
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/^tsyncio: <TlsTransport closing .*> is lost, and is still written to/)],
    ]);
    warn.mockRestore();
  }));

describe("writing", () => {
  test("pauses above 512 KiB, and goes on at 128 KiB", () =>
    withPeer(async ({ transport, protocol: { heard }, peer }) => {
      expect(transport.getWriteBufferLimits()).toEqual([131_072, 524_288]);
      peer.socket.pause();
      while (!heard.log.includes("pauseWriting")) {
        transport.write(Buffer.alloc(65_536));
        await sleep(0);
      }
      expect(transport.getWriteBufferSize()).toBeGreaterThan(524_288);
      peer.socket.resume();
      await heard.until(() => heard.log.includes("resumeWriting"));
      expect(transport.getWriteBufferSize()).toBeLessThanOrEqual(131_072);
      expect(heard.log).toEqual(["made", "pauseWriting", "resumeWriting"]);
    }));

  test("of a writer waits for a peer that does not read", () =>
    withPeer(async ({ peer }, { loop }) => {
      peer.socket.pause();
      await using server = await TlsPeer.listening((socket) => void socket.pause());
      const [, writer] = await openConnection("127.0.0.1", server.port, { tls: { ca } });
      const begin = loop.time();
      const slow = sleep(30).then(() => [...server.clients][0].resume());
      for (let i = 0; i < 512; i++) await writer.write(Buffer.alloc(65_536));
      expect(loop.time() - begin).toBeGreaterThanOrEqual(30);
      await slow;
      writer.close();
      await writer.waitClosed();
    }));
});

test("a peer is held back while reading is paused", () =>
  withPeer(async ({ transport, protocol: { heard }, peer }) => {
    transport.pauseReading();
    let sent = 0;
    while (peer.socket.writableLength < 1 << 20) {
      peer.socket.write(Buffer.alloc(1 << 18, "x"));
      sent += 1 << 18;
      await sleep(1);
    }
    expect(heard.received).toBe("");
    transport.resumeReading();
    await heard.until(() => heard.received.length === sent);
  }));
