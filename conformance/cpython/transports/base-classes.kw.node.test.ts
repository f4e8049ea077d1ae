import { DatagramTransport, SubprocessTransport, Transport } from "@tsyncio/node";
import { RuntimeError, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { fill, withPeer } from "./peer.ts";
import { Recorder } from "./recorder.ts";

const ID = "test_transports.py::TransportTests";

class Bare extends Transport {}
class BareDatagram extends DatagramTransport {}
class BareSubprocess extends SubprocessTransport {}

/** Each call throws that the class does not implement it. */
function expectMissing(name: string, calls: Readonly<Record<string, () => unknown>>) {
  for (const [method, call] of Object.entries(calls)) {
    expect(call).toThrow(RuntimeError);
    expect(call).toThrow(`Cannot call ${method}(): ${name} does not implement it`);
  }
}

test(`${ID}.test_ctor_extra_is_none: a transport that is made without extra information has none`, () => {
  const transport = new Bare();
  expect([transport.getExtraInfo("socket"), transport.getExtraInfo("peername")]).toEqual([null, null]);
});

test(`${ID}.test_get_extra_info: extra information is given by its name, else null or what stands in`, () => {
  const transport = new Bare({ extra: "info" });
  const otherwise = {};
  expect(transport.getExtraInfo("extra")).toBe("info");
  expect(transport.getExtraInfo("unknown")).toBe(null);
  expect(transport.getExtraInfo("unknown", otherwise)).toBe(otherwise);
});

test(`${ID}.test_writelines: writelines() of the base class is one write of all pieces`, () => {
  const written: Uint8Array[] = [];
  class Writing extends Transport {
    override write(data: Uint8Array) {
      written.push(data);
    }
  }
  new Writing().writelines([Buffer.from("line1"), new Uint8Array([1, 2]), Buffer.from("xline3x").subarray(1, 6)]);
  expect(written.map((data) => Buffer.from(data).toString())).toEqual(["line1\x01\x02line3"]);
});

test(`${ID}.test_not_implemented: a transport has to implement what it is used for`, () => {
  const transport = new Bare();
  expectMissing("Bare", {
    setWriteBufferLimits: () => transport.setWriteBufferLimits(),
    getWriteBufferSize: () => transport.getWriteBufferSize(),
    getWriteBufferLimits: () => transport.getWriteBufferLimits(),
    write: () => transport.write(Buffer.from("data")),
    writeEof: () => transport.writeEof(),
    canWriteEof: () => transport.canWriteEof(),
    pauseReading: () => transport.pauseReading(),
    resumeReading: () => transport.resumeReading(),
    isReading: () => transport.isReading(),
    isClosing: () => transport.isClosing(),
    close: () => transport.close(),
    abort: () => transport.abort(),
    setProtocol: () => transport.setProtocol(new Recorder()),
    getProtocol: () => transport.getProtocol(),
  });
});

test(`${ID}.test_dgram_not_implemented: a transport of datagrams has to implement sendto() and abort()`, () => {
  const transport = new BareDatagram();
  expectMissing("BareDatagram", {
    sendto: () => transport.sendto(Buffer.from("data")),
    abort: () => transport.abort(),
  });
});

test(`${ID}.test_subprocess_transport_not_implemented: a transport of a child process has to implement what it tells and does`, () => {
  const transport = new BareSubprocess();
  expectMissing("BareSubprocess", {
    getPid: () => transport.getPid(),
    getReturncode: () => transport.getReturncode(),
    getPipeTransport: () => transport.getPipeTransport(1),
    sendSignal: () => transport.sendSignal("SIGTERM"),
    terminate: () => transport.terminate(),
    kill: () => transport.kill(),
  });
});

test(`${ID}.test_flowcontrol_mixin_set_write_limits: new limits are checked and take effect at once`, () =>
  withPeer(
    () => new Recorder(),
    async ({ transport, protocol, peer }) => {
      expect(transport.getWriteBufferLimits()).toEqual([16_384, 65_536]);
      transport.setWriteBufferLimits({ high: 1 << 30 });
      expect(transport.getWriteBufferLimits()).toEqual([1 << 28, 1 << 30]);
      peer.socket.pause();
      fill(transport);
      const size = transport.getWriteBufferSize();
      expect(protocol.heard.log).toEqual(["made"]);

      const limits = { high: 0, low: 1 };
      const message = "Cannot set write buffer limits: high (0) must be >= low (1) must be >= 0";
      expect(() => transport.setWriteBufferLimits(limits)).toThrow(new RangeError(message));
      transport.setWriteBufferLimits({ high: size, low: 128 });
      expect(protocol.heard.log).toEqual(["made"]);
      expect(transport.getWriteBufferLimits()).toEqual([128, size]);

      transport.setWriteBufferLimits({ high: size - 1, low: 128 });
      expect(protocol.heard.log).toEqual(["made", "pauseWriting"]);
      transport.setWriteBufferLimits({ high: 256, low: 128 });
      expect(transport.getWriteBufferLimits()).toEqual([128, 256]);
      expect(protocol.heard.log).toEqual(["made", "pauseWriting"]);

      peer.socket.resume();
      await protocol.heard.until(() => protocol.heard.log.includes("resumeWriting"));
      expect(transport.getWriteBufferSize()).toBeLessThanOrEqual(128);
      transport.setWriteBufferLimits({ low: 100 });
      expect(transport.getWriteBufferLimits()).toEqual([100, 400]);
      transport.setWriteBufferLimits();
      expect(transport.getWriteBufferLimits()).toEqual([16_384, 65_536]);
      await sleep(0);
      expect(protocol.heard.log).toEqual(["made", "pauseWriting", "resumeWriting"]);
    },
  ));
