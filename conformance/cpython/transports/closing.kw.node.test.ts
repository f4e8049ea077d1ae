import type { Socket } from "node:net";
import { sleep } from "tsyncio";
import { expect, test } from "vitest";
import { takeHeard } from "../../program.ts";
import { fill, withPeer } from "./peer.ts";
import { Recorder } from "./recorder.ts";

const ID = "test_selector_events.py::SelectorTransportTests";

test(`${ID}.test_close: close() stops reading and loses the connection in the next iteration, once`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, protocol }) => {
      transport.close();
      transport.close();
      expect([transport.isClosing(), transport.isReading()]).toEqual([true, false]);
      expect(protocol.heard.log).toEqual(["made"]);
      await sleep(0);
      expect(protocol.heard.log).toEqual(["made", ["lost", null]]);
      transport.close();
      transport.abort();
      await sleep(0);
      expect(protocol.heard.log).toEqual(["made", ["lost", null]]);
    },
  ));

test(`${ID}.test_close_write_buffer: a connection with something to send is not lost by close(), and reads no more`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, protocol, peer }) => {
      peer.socket.pause();
      fill(transport);
      transport.close();
      await new Promise((resolve) => void peer.socket.write("too late", resolve));
      await sleep(10);
      expect(protocol.heard.lost).toBe(false);
      expect(protocol.heard.received).toBe("");
      expect([transport.isClosing(), transport.isReading(), transport.getWriteBufferSize() > 0]).toEqual([
        true,
        false,
        true,
      ]);
    },
  ));

test(`${ID}.test_abort: abort() loses the connection in the next iteration, orderly for the protocol`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, protocol, peer }) => {
      transport.abort();
      transport.abort();
      expect([transport.isClosing(), protocol.heard.lost]).toEqual([true, false]);
      await sleep(0);
      expect(protocol.heard.log).toEqual(["made", ["lost", null]]);
      await peer.until(() => peer.closed || peer.ended);
    },
  ));

test(`${ID}.test_force_close: abort() drops what is buffered, also of a transport that is closing`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, protocol, peer }) => {
      peer.socket.pause();
      const written = fill(transport);
      transport.close();
      expect(transport.getWriteBufferSize()).toBeGreaterThan(0);
      transport.abort();
      expect([transport.isClosing(), transport.getWriteBufferSize()]).toEqual([true, 0]);
      await sleep(0);
      expect(protocol.heard.log.at(-1)).toEqual(["lost", null]);
      const { log } = protocol.heard;
      const events = log.length;
      transport.abort();
      peer.socket.resume();
      await peer.until(() => peer.closed || peer.ended);
      expect(log.length).toBe(events);
      expect(peer.received.length).toBeLessThan(written);
    },
  ));

test(`${ID}.test_connection_lost: the socket is closed when connectionLost has been called`, () => {
  const open: boolean[] = [];
  class Looking extends Recorder {
    override connectionLost(error: unknown) {
      super.connectionLost(error);
      open.push(!(this.transport.getExtraInfo("socket") as Socket).destroyed);
    }
  }
  return withPeer(
    () => new Looking(),
    async ({ transport, protocol, peer }, { loop }) => {
      const socket = transport.getExtraInfo("socket") as Socket;
      expect([socket.destroyed, loop.resources.size]).toEqual([false, 1]);
      transport.close();
      await sleep(0);
      expect([open, socket.destroyed, loop.resources.size]).toEqual([[true], true, 0]);
      expect(["data", "error", "close"].map((event) => socket.listenerCount(event))).toEqual([0, 0, 0]);
      expect(protocol.heard.error).toBe(null);
      await peer.until(() => peer.ended);
    },
  );
});

test(`${ID}.test_fatal_error: an error of the system that ends a connection is for the protocol alone`, () =>
  withPeer(
    () => new Recorder(),
    async ({ protocol, peer }, { heard }) => {
      peer.socket.resetAndDestroy();
      await protocol.heard.until(() => protocol.heard.lost);
      expect(protocol.heard.error).toMatchObject({ code: "ECONNRESET" });
      expect(heard).toEqual([]);
    },
  ));

test(`${ID}.test_fatal_error_custom_exception: any other error that ends a connection is reported, with the transport and the protocol`, () => {
  class OwnError extends Error {
    override readonly name = "OwnError";
  }
  const error = new OwnError("of the program");
  class Failing extends Recorder {
    override dataReceived() {
      throw error;
    }
  }
  return withPeer(
    () => new Failing(),
    async ({ transport, protocol, peer }, given) => {
      peer.socket.write("data");
      await protocol.heard.until(() => protocol.heard.lost);
      expect(protocol.heard.error).toBe(error);
      const [report] = given.heard;
      expect([report.transport === transport, report.protocol === protocol]).toEqual([true, true]);
      expect(takeHeard(given)).toEqual(["Fatal error: protocol.dataReceived() call failed: OwnError: of the program"]);
    },
  );
});
