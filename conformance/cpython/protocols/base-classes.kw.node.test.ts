import { BaseProtocol, BufferedProtocol, Protocol, SubprocessProtocol } from "@tsyncio/node";
import { expect, test } from "vitest";

const ID = "test_protocols.py::ProtocolsAbsTests";
const GIVEN: any = {};

/** What the methods give: nothing, whatever they are called with. */
function expectNothing(protocol: any, methods: readonly string[]) {
  const given = methods.map((method) => [method, protocol[method](GIVEN, GIVEN)]);
  expect(given).toEqual(methods.map((method) => [method, undefined]));
  expect(Object.keys(protocol)).toEqual([]);
}

const BASE = ["connectionMade", "connectionLost", "pauseWriting", "resumeWriting"];

test(`${ID}.test_base_protocol: a protocol does nothing until its methods are overridden, and has no fields of its own`, () => {
  expectNothing(new BaseProtocol(), BASE);
});

test(`${ID}.test_protocol: a protocol for streams does nothing until its methods are overridden`, () => {
  const protocol = new Protocol();
  expect(protocol).toBeInstanceOf(BaseProtocol);
  expectNothing(protocol, [...BASE, "dataReceived", "eofReceived"]);
});

test(`${ID}.test_buffered_protocol: a buffered protocol has to give buffers, the rest does nothing until it is overridden`, () => {
  class Buffered extends BufferedProtocol {
    override getBuffer() {
      return Buffer.alloc(100);
    }
  }
  const protocol = new Buffered();
  expect(protocol).toBeInstanceOf(BaseProtocol);
  expect(protocol).not.toBeInstanceOf(Protocol);
  expectNothing(protocol, [...BASE, "bufferUpdated", "eofReceived"]);
  expect(protocol.getBuffer()).toEqual(Buffer.alloc(100));
});

test(`${ID}.test_subprocess_protocol: a protocol for a child process does nothing until its methods are overridden`, () => {
  const protocol = new SubprocessProtocol();
  expect(protocol).toBeInstanceOf(BaseProtocol);
  expectNothing(protocol, [...BASE, "pipeDataReceived", "pipeConnectionLost", "processExited"]);
});
