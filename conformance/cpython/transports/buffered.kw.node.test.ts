import { type BufferedProtocol, createConnection, createServer } from "@tsyncio/node";
import { expect, test, vi } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { type Given, takeHeard } from "../../program.ts";
import { withPeer } from "./peer.ts";
import { BufferedRecorder, Recorder } from "./recorder.ts";

const ID = "test_selector_events.py::SelectorSocketTransportBufferedProtocolTests";

test("test_buffered_proto.py::BaseTestBufferedProtocol.test_buffered_proto_create_connection: a buffered protocol gets everything through its own small buffer", () =>
  nodeProgram(async () => {
    const noise = "12345678+".repeat(1024);
    class Answering extends BufferedRecorder {
      override bufferUpdated(bytes: number) {
        super.bufferUpdated(bytes);
        if (this.heard.received === noise) this.transport.write(Buffer.from("1"));
      }
    }
    class Noisy extends Recorder {
      override connectionMade(transport: any) {
        super.connectionMade(transport);
        transport.write(Buffer.from(noise));
      }
      override dataReceived(data: Uint8Array) {
        super.dataReceived(data);
        this.transport.close();
      }
    }
    await using server = await createServer(() => new Noisy(), "127.0.0.1", 0);
    const [, protocol] = await createConnection(() => new Answering(100), "127.0.0.1", server.sockets[0].port);
    await protocol.heard.until(() => protocol.heard.lost);
    expect(protocol.heard.log).toEqual(["made", `data ${noise}`, "eof", ["lost", null]]);
  }));

test(`${ID}.test_ctor: connectionMade comes first, then the protocol is asked for buffers`, () =>
  withPeer(
    () => new BufferedRecorder(),
    async ({ transport, protocol, peer }) => {
      expect([protocol.transport === transport, transport.isReading()]).toEqual([true, true]);
      peer.socket.write("data");
      await protocol.heard.until(() => protocol.heard.received === "data");
      expect(protocol.heard.log).toEqual(["made", "data data"]);
    },
  ));

test(`${ID}.test_read_ready: the protocol gives a buffer and is told how much was put into it`, () => {
  class Asked extends BufferedRecorder {
    override getBuffer(sizeHint: number) {
      this.heard.event("getBuffer", sizeHint);
      return super.getBuffer(sizeHint);
    }
    override bufferUpdated(bytes: number) {
      this.heard.event("bufferUpdated", bytes, this.buffer.toString("latin1", 0, bytes));
      super.bufferUpdated(bytes);
    }
  }
  return withPeer(
    () => new Asked(4),
    async ({ protocol, peer }) => {
      peer.socket.write("123456");
      await protocol.heard.until(() => protocol.heard.received === "123456");
      expect(protocol.heard.log).toEqual([
        "made",
        ["getBuffer", 6],
        ["bufferUpdated", 4, "1234"],
        "data 1234",
        ["getBuffer", 2],
        ["bufferUpdated", 2, "56"],
        "data 56",
      ]);
    },
  );
});

/** The connection ends with what a method of the protocol threw, which is reported. */
function endsWith(factory: () => BufferedRecorder, send: string | null, end: (heard: unknown[], given: Given) => void) {
  return withPeer(factory, async ({ protocol, peer }, given) => {
    if (send === null) peer.socket.end();
    else peer.socket.write(send);
    await protocol.heard.until(() => protocol.heard.lost);
    end(protocol.heard.log, given);
  });
}

test(`${ID}.test_get_buffer_error: an error of getBuffer is reported and ends the connection`, () => {
  const error = new RangeError("no room");
  class Failing extends BufferedRecorder {
    override getBuffer(): never {
      throw error;
    }
  }
  return endsWith(
    () => new Failing(),
    "data",
    (log, given) => {
      expect(log).toEqual(["made", ["lost", error]]);
      expect(takeHeard(given)).toEqual(["Fatal error: protocol.getBuffer() call failed: RangeError: no room"]);
    },
  );
});

test(`${ID}.test_get_buffer_zerosized: a buffer without room is an error of getBuffer`, () =>
  endsWith(
    () => new BufferedRecorder(0),
    "data",
    (log, given) => {
      expect(log).toEqual(["made", ["lost", expect.objectContaining({ code: "TSYNCIO_RUNTIME" })]]);
      expect(takeHeard(given)).toEqual([
        "Fatal error: protocol.getBuffer() call failed: RuntimeError: Cannot read: getBuffer() gave an empty buffer",
      ]);
    },
  ));

test(`${ID}.test_buffer_updated_error: an error of bufferUpdated is reported and ends the connection`, () => {
  const error = new RangeError("not this");
  class Failing extends BufferedRecorder {
    override bufferUpdated(bytes: number) {
      super.bufferUpdated(bytes);
      throw error;
    }
  }
  return endsWith(
    () => new Failing(),
    "data",
    (log, given) => {
      expect(log).toEqual(["made", "data data", ["lost", error]]);
      expect(takeHeard(given)).toEqual(["Fatal error: protocol.bufferUpdated() call failed: RangeError: not this"]);
    },
  );
});

test(`${ID}.test_read_eof_received_error: an error of eofReceived is reported and ends the connection`, () => {
  const error = new RangeError("not now");
  class Failing extends BufferedRecorder {
    override eofReceived(): never {
      super.eofReceived();
      throw error;
    }
  }
  return endsWith(
    () => new Failing(),
    null,
    (log, given) => {
      expect(log).toEqual(["made", "eof", ["lost", error]]);
      expect(takeHeard(given)).toEqual(["Fatal error: protocol.eofReceived() call failed: RangeError: not now"]);
    },
  );
});

test(`${ID}.test_proto_type_switch: setProtocol() goes over from pieces of data to buffers and back, from the next piece on`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, protocol, peer }) => {
      peer.socket.write("data");
      await protocol.heard.until(() => protocol.heard.received === "data");

      const buffered = new BufferedRecorder();
      transport.setProtocol(buffered as BufferedProtocol);
      expect(transport.getProtocol()).toBe(buffered);
      peer.socket.write("more");
      await buffered.heard.until(() => buffered.heard.received === "more");

      transport.setProtocol(protocol);
      peer.socket.end("last");
      await protocol.heard.until(() => protocol.heard.lost);
      expect(protocol.heard.log).toEqual(["made", "data datalast", "eof", ["lost", null]]);
      expect(buffered.heard.log).toEqual(["data more"]);
    },
  ));

test(`${ID}.test_read_ready_eof: the end of the peer is told, and closes the transport`, () =>
  withPeer(
    () => new BufferedRecorder(),
    async ({ transport, protocol, peer }) => {
      peer.socket.end();
      await protocol.heard.until(() => protocol.heard.lost);
      expect(protocol.heard.log).toEqual(["made", "eof", ["lost", null]]);
      expect(transport.isClosing()).toBe(true);
      await peer.until(() => peer.closed);
    },
  ));

test(`${ID}.test_read_ready_eof_keep_open: a protocol that answers true to the end of the peer keeps its own half`, () =>
  withPeer(
    () => Object.assign(new BufferedRecorder(), { keepOpen: true }),
    async ({ transport, protocol, peer }) => {
      peer.socket.end();
      await protocol.heard.until(() => protocol.heard.log.includes("eof"));
      transport.write(Buffer.from("still here"));
      await peer.until(() => peer.received === "still here");
      expect(transport.isClosing()).toBe(false);
      transport.close();
      await protocol.heard.until(() => protocol.heard.lost);
      expect(protocol.heard.log).toEqual(["made", "eof", ["lost", null]]);
    },
  ));

test(`${ID}.test_read_ready_conn_reset: a peer that resets the connection ends it with the error of the system`, () =>
  withPeer(
    () => new BufferedRecorder(),
    async ({ protocol, peer }) => {
      peer.socket.resetAndDestroy();
      await protocol.heard.until(() => protocol.heard.lost);
      expect(protocol.heard.log).toEqual(["made", ["lost", expect.any(Error)]]);
      expect(protocol.heard.error).toMatchObject({ code: "ECONNRESET", syscall: "read" });
    },
  ));

test(`${ID}.test_read_ready_err: debug mode tells of a read that failed`, async () => {
  const printed = vi.spyOn(console, "debug").mockImplementation(() => {});
  try {
    await withPeer(
      () => new BufferedRecorder(),
      async ({ protocol, peer }) => {
        peer.socket.resetAndDestroy();
        await protocol.heard.until(() => protocol.heard.lost);
        expect(printed.mock.calls).toEqual([
          [expect.stringMatching(/: Fatal read error on socket transport$/), protocol.heard.error],
        ]);
      },
      { debug: true },
    );
  } finally {
    printed.mockRestore();
  }
});
