import { createConnection } from "@tsyncio/node";
import { sleep } from "tsyncio";
import { expect, test, vi } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { takeHeard } from "../../program.ts";
import { PeerServer, withPeer } from "./peer.ts";
import { Recorder } from "./recorder.ts";

const ID = "test_selector_events.py::SelectorSocketTransportTests";

test(`${ID}.test_ctor: a transport first calls connectionMade with itself, then it reads`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, protocol, peer }) => {
      expect(protocol.transport).toBe(transport);
      expect(transport.getProtocol()).toBe(protocol);
      expect([transport.isReading(), transport.isClosing()]).toEqual([true, false]);
      peer.socket.write("data");
      await protocol.heard.until(() => protocol.heard.received === "data");
      expect(protocol.heard.log).toEqual(["made", "data data"]);
    },
  ));

test(`${ID}.test_ctor_with_waiter: who creates a connection goes on when connectionMade has been called, before any data`, () =>
  nodeProgram(async ({ log }) => {
    class Early extends Recorder {
      override connectionMade(transport: any) {
        super.connectionMade(transport);
        log.push("made");
      }
      override dataReceived(data: Uint8Array) {
        super.dataReceived(data);
        log.push("data");
      }
    }
    const server = new PeerServer();
    await server.listen({ host: "127.0.0.1" });
    try {
      const [transport, protocol] = await createConnection(() => new Early(), "127.0.0.1", server.port);
      log.push("created");
      const peer = await server.accept();
      peer.socket.write("data");
      await protocol.heard.until(() => protocol.heard.received === "data");
      transport.close();
      peer.socket.destroy();
      await sleep(0);
      expect(log).toEqual(["made", "created", "data"]);
    } finally {
      server.close();
    }
  }));

test(`${ID}.test_read_ready: what the peer sends is given to dataReceived`, () =>
  withPeer(
    () => new Recorder(),
    async ({ protocol, peer }) => {
      peer.socket.write("one ");
      await protocol.heard.until(() => protocol.heard.received === "one ");
      peer.socket.write("two");
      await protocol.heard.until(() => protocol.heard.received === "one two");
      expect(protocol.heard.log).toEqual(["made", "data one two"]);
    },
  ));

test(`${ID}.test_data_received_error: an error of dataReceived is reported and ends the connection`, () => {
  const error = new RangeError("not this");
  class Failing extends Recorder {
    override dataReceived(data: Uint8Array) {
      super.dataReceived(data);
      throw error;
    }
  }
  return withPeer(
    () => new Failing(),
    async ({ transport, protocol, peer }, given) => {
      peer.socket.write("data");
      await protocol.heard.until(() => protocol.heard.lost);
      expect(protocol.heard.log).toEqual(["made", "data data", ["lost", error]]);
      const [report] = given.heard;
      expect([report.exception === error, report.transport === transport, report.protocol === protocol]).toEqual([
        true,
        true,
        true,
      ]);
      expect(takeHeard(given)).toEqual(["Fatal error: protocol.dataReceived() call failed: RangeError: not this"]);
      await peer.until(() => peer.closed || peer.ended);
    },
  );
});

test(`${ID}.test_pause_resume_reading: a paused transport delivers nothing, pausing and resuming twice does nothing more`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, protocol, peer }) => {
      transport.pauseReading();
      transport.pauseReading();
      expect(transport.isReading()).toBe(false);
      await new Promise((resolve) => void peer.socket.write("held back", resolve));
      await sleep(10);
      expect(protocol.heard.log).toEqual(["made"]);

      transport.resumeReading();
      transport.resumeReading();
      expect(transport.isReading()).toBe(true);
      await protocol.heard.until(() => protocol.heard.received === "held back");
      expect(protocol.heard.log).toEqual(["made", "data held back"]);

      transport.close();
      expect(transport.isReading()).toBe(false);
      transport.resumeReading();
      expect(transport.isReading()).toBe(false);
    },
  ));

test(`${ID}.test_pause_reading_connection_made: reading that is paused in connectionMade does not begin before it is resumed`, () => {
  class Paused extends Recorder {
    override connectionMade(transport: any) {
      super.connectionMade(transport);
      transport.pauseReading();
    }
  }
  return withPeer(
    () => new Paused(),
    async ({ transport, protocol, peer }) => {
      expect(transport.isReading()).toBe(false);
      await new Promise((resolve) => void peer.socket.end("early", resolve as () => void));
      await sleep(10);
      expect(protocol.heard.log).toEqual(["made"]);

      transport.resumeReading();
      expect(transport.isReading()).toBe(true);
      await protocol.heard.until(() => protocol.heard.lost);
      expect(protocol.heard.log).toEqual(["made", "data early", "eof", ["lost", null]]);
      expect(transport.isReading()).toBe(false);
    },
  );
});

test(`${ID}.test_read_ready_eof: the end of the peer is told, and closes the transport`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, protocol, peer }) => {
      peer.socket.end("last words");
      await protocol.heard.until(() => protocol.heard.lost);
      expect(protocol.heard.log).toEqual(["made", "data last words", "eof", ["lost", null]]);
      expect(transport.isClosing()).toBe(true);
      await peer.until(() => peer.closed);
    },
  ));

test(`${ID}.test_read_ready_eof_keep_open: a protocol that answers true to the end of the peer keeps its own half`, () =>
  withPeer(
    () => Object.assign(new Recorder(), { keepOpen: true }),
    async ({ transport, protocol, peer }) => {
      peer.socket.end();
      await protocol.heard.until(() => protocol.heard.log.includes("eof"));
      await sleep(10);
      expect([transport.isClosing(), peer.ended]).toEqual([false, false]);
      transport.write(Buffer.from("still here"));
      await peer.until(() => peer.received === "still here");
      transport.close();
      await protocol.heard.until(() => protocol.heard.lost);
      expect(protocol.heard.log).toEqual(["made", "eof", ["lost", null]]);
    },
  ));

test(`${ID}.test_read_eof_received_error: an error of eofReceived is reported and is what the connection is lost by`, () => {
  const error = new RangeError("not now");
  class Failing extends Recorder {
    override eofReceived(): never {
      super.eofReceived();
      throw error;
    }
  }
  return withPeer(
    () => new Failing(),
    async ({ protocol, peer }, given) => {
      peer.socket.end();
      await protocol.heard.until(() => protocol.heard.lost);
      expect(protocol.heard.log).toEqual(["made", "eof", ["lost", error]]);
      expect(takeHeard(given)).toEqual(["Fatal error: protocol.eofReceived() call failed: RangeError: not now"]);
    },
  );
});

test(`${ID}.test_read_ready_conn_reset: a peer that resets the connection ends it with the error of the system, and nobody else hears of it`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, protocol, peer }) => {
      peer.socket.resetAndDestroy();
      await protocol.heard.until(() => protocol.heard.lost);
      expect(protocol.heard.log).toEqual(["made", ["lost", expect.any(Error)]]);
      expect(protocol.heard.error).toMatchObject({ code: "ECONNRESET", syscall: "read" });
      expect(transport.isClosing()).toBe(true);
    },
  ));

test(`${ID}.test_read_ready_err: debug mode tells of a read that failed`, async () => {
  const printed = vi.spyOn(console, "debug").mockImplementation(() => {});
  try {
    await withPeer(
      () => new Recorder(),
      async ({ protocol, peer }) => {
        peer.socket.resetAndDestroy();
        await protocol.heard.until(() => protocol.heard.lost);
        expect(printed.mock.calls).toEqual([
          [
            expect.stringMatching(/^<SocketTransport open .*>: Fatal read error on socket transport$/),
            protocol.heard.error,
          ],
        ]);
      },
      { debug: true },
    );
  } finally {
    printed.mockRestore();
  }
});
