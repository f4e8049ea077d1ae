import { sleep } from "tsyncio";
import { expect, test } from "vitest";
import { withPeer } from "../../../../conformance/cpython/transports/peer.ts";
import { Recorder } from "../../../../conformance/cpython/transports/recorder.ts";

const MORE_THAN_IS_READ_AHEAD = 1 << 20;

/** Pauses when it has got all that the transport has read ahead. */
class PausingAtTheEnd extends Recorder {
  got = 0;
  until = MORE_THAN_IS_READ_AHEAD;
  override dataReceived(data: Uint8Array) {
    this.got += data.length;
    if (this.got >= this.until) this.transport.pauseReading();
  }
}

test("a protocol that pauses on the last piece that was read ahead gets what comes when it resumes", () =>
  withPeer(
    () => new PausingAtTheEnd(),
    async ({ transport, protocol, peer }, { loop }) => {
      peer.socket.write(Buffer.alloc(MORE_THAN_IS_READ_AHEAD * 4));
      while (protocol.got < MORE_THAN_IS_READ_AHEAD * 4) {
        // Much comes in one go while the loop is busy: then the socket is held back.
        const end = loop.time() + 5;
        while (loop.time() < end);
        await sleep(0);
        if (transport.isReading()) continue;
        protocol.until = protocol.got + 1;
        transport.resumeReading();
        await sleep(1);
      }
      expect(protocol.got).toBe(MORE_THAN_IS_READ_AHEAD * 4);
    },
  ));
