import type { Transport } from "@tsyncio/node";
import type { Socket } from "node:net";
import { sleep } from "tsyncio";
import { expect, test, vi } from "vitest";
import { type Peer, fill, withPeer } from "./peer.ts";
import { Recorder } from "./recorder.ts";

const ID = "test_selector_events.py::SelectorSocketTransportTests";
const bytes = (text: string) => Buffer.from(text);

test(`${ID}.test_write: what is written reaches the peer, at once when nothing is buffered`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, peer }) => {
      transport.write(bytes("data"));
      expect(transport.getWriteBufferSize()).toBe(0);
      await peer.until(() => peer.received === "data");
    },
  ));

test(`${ID}.test_write_bytearray: the bytes that are written are not changed`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, peer }) => {
      const data = new Uint8Array([1, 2, 3]);
      transport.write(data);
      await peer.until(() => peer.received === "\x01\x02\x03");
      expect(data).toEqual(new Uint8Array([1, 2, 3]));
    },
  ));

test(`${ID}.test_write_memoryview: a view of a larger buffer is written, and nothing around it`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, peer }) => {
      transport.write(bytes("around data around").subarray(7, 11));
      transport.write(bytes("."));
      await peer.until(() => peer.received === "data.");
    },
  ));

test(`${ID}.test_write_str: text is no bytes`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport }) => {
      const message = "Cannot write: data must be a Uint8Array, received string; encode text with Buffer.from(text)";
      expect(() => transport.write("text" as never)).toThrow(new TypeError(message));
      expect(() => transport.write(null as never)).toThrow(TypeError);
      expect(() => transport.write([1, 2] as never)).toThrow("received [object Array]");
      expect(() => transport.writelines(["text" as never])).toThrow(TypeError);
    },
  ));

test(`${ID}.test_write_buffer: what the connection does not take is buffered, and what is written after it comes after it`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, peer }) => {
      peer.socket.pause();
      const written = fill(transport);
      const before = transport.getWriteBufferSize();
      transport.write(bytes("data1"));
      transport.write(bytes("data2"));
      expect(transport.getWriteBufferSize()).toBe(before + 10);
      peer.socket.resume();
      await peer.until(() => peer.received.length === written + 10);
      expect(peer.received.slice(written)).toBe("data1data2");
      expect(transport.getWriteBufferSize()).toBe(0);
    },
  ));

test(`${ID}.test_write_no_data: to write nothing does nothing`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, peer }) => {
      peer.socket.pause();
      fill(transport);
      const before = transport.getWriteBufferSize();
      transport.write(new Uint8Array(0));
      expect(transport.getWriteBufferSize()).toBe(before);
    },
  ));

test(`${ID}.test_writelines_send_full: several pieces are written as one, and nothing stays behind`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, peer }) => {
      transport.writelines([bytes("da"), new Uint8Array(0), bytes("ta")]);
      expect(transport.getWriteBufferSize()).toBe(0);
      await peer.until(() => peer.received === "data");
      transport.writelines([]);
      transport.writeEof();
      expect(() => transport.writelines([])).toThrow("Cannot write lines: writeEof() was called before");
    },
  ));

test(`${ID}.test_write_closing: what is written into a connection that is going down is dropped, without an error`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, protocol, peer }) => {
      transport.write(bytes("before"));
      transport.close();
      transport.write(bytes("after"));
      expect(transport.getWriteBufferSize()).toBe(0);
      await protocol.heard.until(() => protocol.heard.lost);
      transport.write(bytes("long after"));
      await peer.until(() => peer.ended);
      expect([peer.received, protocol.heard.log]).toEqual(["before", ["made", ["lost", null]]]);
    },
  ));

/** Has the transport read no more, not even to see what becomes of the connection. */
async function readNothing(transport: Transport, peer: Peer) {
  const socket = transport.getExtraInfo("socket") as Socket;
  transport.pauseReading();
  peer.socket.write(Buffer.alloc(1 << 20));
  while (socket.readableLength < socket.readableHighWaterMark) await sleep(1);
}

const BROKEN = expect.stringMatching(/^(EPIPE|ECONNRESET)$/);

test(`${ID}.test_write_exception: a write that fails loses the connection; later ones are dropped, and at the fifth that is said, once`, async () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  try {
    await withPeer(
      () => new Recorder(),
      async ({ transport, protocol, peer }) => {
        await readNothing(transport, peer);
        peer.socket.resetAndDestroy();
        await peer.until(() => peer.closed);
        transport.write(bytes("data"));
        await protocol.heard.until(() => protocol.heard.lost);
        expect(protocol.heard.log).toEqual(["made", ["lost", expect.any(Error)]]);
        expect(protocol.heard.error).toMatchObject({ code: BROKEN, syscall: "write" });

        for (let n = 0; n < 4; n++) transport.write(bytes("data"));
        expect(warned).not.toHaveBeenCalled();
        transport.write(bytes("data"));
        expect(warned.mock.calls).toEqual([
          [
            expect.stringMatching(
              /^tsyncio: <SocketTransport closed .*> is lost, and is still written to; look at isClosing\(\) or connectionLost\(\)$/,
            ),
          ],
        ]);
      },
    );
  } finally {
    warned.mockRestore();
  }
});

test(`${ID}.test_write_ready_exception: when what is buffered cannot be sent, the connection is lost by that error`, async () => {
  const printed = vi.spyOn(console, "debug").mockImplementation(() => {});
  try {
    await withPeer(
      () => new Recorder(),
      async ({ transport, protocol, peer }) => {
        await readNothing(transport, peer);
        peer.socket.pause();
        fill(transport);
        expect(transport.getWriteBufferSize()).toBeGreaterThan(0);
        peer.socket.resetAndDestroy();
        await protocol.heard.until(() => protocol.heard.lost);
        expect(protocol.heard.error).toMatchObject({ code: BROKEN, syscall: "write" });
        expect(transport.getWriteBufferSize()).toBe(0);
        expect(printed.mock.calls).toEqual([
          [expect.stringMatching(/: Fatal write error on socket transport$/), protocol.heard.error],
        ]);
      },
      { debug: true },
    );
  } finally {
    printed.mockRestore();
  }
});

test(`${ID}.test_write_ready_closing: a transport that is closed while something is buffered sends that, then it is gone`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, protocol, peer }) => {
      peer.socket.pause();
      const written = fill(transport);
      transport.close();
      peer.socket.resume();
      await protocol.heard.until(() => protocol.heard.lost);
      expect(protocol.heard.log.at(-1)).toEqual(["lost", null]);
      await peer.until(() => peer.ended);
      expect(peer.received.length).toBe(written);
    },
  ));

test(`${ID}.test_write_eof: writeEof() ends our half once, and the peer may go on`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, protocol, peer }) => {
      expect(transport.canWriteEof()).toBe(true);
      transport.writeEof();
      transport.writeEof();
      await peer.until(() => peer.ended);
      expect(() => transport.write(bytes("more"))).toThrow("Cannot write: writeEof() was called before");
      expect([transport.isClosing(), transport.isReading()]).toEqual([false, true]);
      peer.socket.write("answer");
      await protocol.heard.until(() => protocol.heard.received === "answer");
      transport.close();
      await protocol.heard.until(() => protocol.heard.lost);
      expect(protocol.heard.log).toEqual(["made", "data answer", ["lost", null]]);
    },
  ));

test(`${ID}.test_write_eof_buffer: the end comes after what is buffered`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, protocol, peer }) => {
      peer.socket.pause();
      const written = fill(transport);
      const before = transport.getWriteBufferSize();
      transport.writeEof();
      expect(transport.getWriteBufferSize()).toBe(before);
      expect([peer.ended, transport.isClosing()]).toEqual([false, false]);
      peer.socket.resume();
      await peer.until(() => peer.ended);
      expect(peer.received.length).toBe(written);
      peer.socket.end("answer");
      await protocol.heard.until(() => protocol.heard.lost);
      expect(protocol.heard.log.slice(-3)).toEqual(["data answer", "eof", ["lost", null]]);
    },
  ));

test(`${ID}.test_write_eof_after_close: writeEof() of a closed transport does nothing`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, protocol }) => {
      transport.close();
      await sleep(0);
      transport.writeEof();
      await protocol.heard.until(() => protocol.heard.lost);
      transport.writeEof();
      expect(protocol.heard.log).toEqual(["made", ["lost", null]]);
    },
  ));
