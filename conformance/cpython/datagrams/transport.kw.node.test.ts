import { DatagramProtocol, DatagramTransport } from "@tsyncio/node";
import type { Socket } from "node:dgram";
import { sleep } from "tsyncio";
import { expect, test, vi } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { takeHeard } from "../../program.ts";
import { type DatagramRecorder, bound, connected, deaf } from "./recorder.ts";

const ID = "test_selector_events.py::SelectorDatagramTransportTests";
const DATA = Buffer.from("data");

class Unexpected extends Error {
  override name = "Unexpected";
}

/** Closes transports, and waits until they are. */
async function closed(...protocols: DatagramRecorder[]) {
  for (const protocol of protocols) {
    protocol.transport.close();
    await protocol.until(() => protocol.lost);
  }
}

test("test_protocols.py::ProtocolsAbsTests.test_datagram_protocol: a protocol that overrides nothing does nothing", () => {
  const protocol = new DatagramProtocol();
  const transport = {} as DatagramTransport;
  const from = { address: "127.0.0.1", port: 9, family: "IPv4" } as const;
  expect([
    protocol.connectionMade(transport),
    protocol.datagramReceived(DATA, from),
    protocol.errorReceived(new Error("refused")),
    protocol.connectionLost(null),
  ]).toEqual(Array(4).fill(undefined));
});

test(`${ID}.test_read_ready: what comes is handed to the protocol, with where it comes from`, () =>
  nodeProgram(async () => {
    const [, receiver] = await bound();
    const [transport, sender] = await bound();
    transport.sendto(DATA, receiver.address);
    await receiver.events(2);
    expect([receiver.log, receiver.from]).toEqual([["made", "data data"], sender.address]);
    await closed(receiver, sender);
  }));

test(`${ID}.test_transport_inheritance: it is a transport of datagrams`, () =>
  nodeProgram(async () => {
    const [transport, protocol] = await bound();
    expect(transport).toBeInstanceOf(DatagramTransport);
    await closed(protocol);
  }));

test(`${ID}.test_read_ready_err: an error that is not of the system ends the transport, and is told to the exception handler`, () =>
  nodeProgram(async (given) => {
    const [transport, protocol] = await bound();
    const error = new Unexpected("out of order");
    (transport.getExtraInfo("socket") as Socket).emit("error", error);
    await protocol.until(() => protocol.lost);
    expect(protocol.log).toEqual(["made", ["lost", error]]);
    expect(takeHeard(given)).toEqual(["Fatal read error on datagram transport: Unexpected: out of order"]);
  }));

test(`${ID}.test_read_ready_oserr: an error of the system is told to the protocol, and the transport stays open`, () =>
  nodeProgram(async () => {
    const [transport, protocol] = await connected(await deaf());
    transport.sendto(DATA);
    await protocol.events(2);
    expect([protocol.log, transport.isClosing()]).toEqual([["made", ["error", "ECONNREFUSED"]], false]);
    await closed(protocol);
  }));

/** Sends something to another endpoint: gives what came. */
async function received(data: Uint8Array) {
  const [, receiver] = await bound();
  const [transport, sender] = await bound();
  transport.sendto(data, receiver.address);
  await receiver.events(2);
  await closed(receiver, sender);
  return receiver.log[1];
}

test(`${ID}.test_sendto: a datagram goes to the address that is given`, () =>
  nodeProgram(async () => expect(await received(Buffer.from("data"))).toBe("data data")));

test(`${ID}.test_sendto_bytearray: a datagram may be any Uint8Array`, () =>
  nodeProgram(async () => expect(await received(new Uint8Array([100, 97, 116, 97]))).toBe("data data")));

test(`${ID}.test_sendto_memoryview: of a view, what it shows is sent`, () =>
  nodeProgram(async () => expect(await received(Buffer.from("all data here").subarray(4, 8))).toBe("data data")));

test(`${ID}.test_sendto_no_data: an empty datagram is sent as any other`, () =>
  nodeProgram(async () => expect(await received(new Uint8Array())).toBe("data ")));

test(`${ID}.test_sendto_str: text is refused`, () =>
  nodeProgram(async () => {
    const [transport, protocol] = await bound();
    expect(() => transport.sendto("text" as never, protocol.address)).toThrow(
      new TypeError("Cannot send: data must be a Uint8Array, received string; encode text with Buffer.from(text)"),
    );
    await closed(protocol);
  }));

test(`${ID}.test_sendto_exception: when the socket fails in an unexpected way, the transport ends; later datagrams are dropped, and after some a warning says so`, () =>
  nodeProgram(async (given) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const [, receiver] = await bound();
    const [transport, protocol] = await connected(receiver.address);
    // Somebody closes what is not his.
    (transport.getExtraInfo("socket") as Socket).close();
    transport.sendto(DATA);
    const [told] = given.heard;
    expect(takeHeard(given)).toEqual([
      expect.stringMatching(/^Fatal write error on datagram transport: Error.*: Not running$/),
    ]);
    await protocol.until(() => protocol.lost);
    expect(protocol.log).toEqual(["made", ["lost", told.exception]]);
    for (let i = 0; i < 4; i++) transport.sendto(DATA);
    expect(warn.mock.calls).toEqual([]);
    transport.sendto(DATA);
    transport.sendto(DATA);
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/^tsyncio: <DatagramSocketTransport closed .* is closed, and is still sent to;/)],
    ]);
    warn.mockRestore();
    await closed(receiver);
  }));

test(`${ID}.test_sendto_error_received: a datagram that the system does not take is told to the protocol, and the transport stays open`, () =>
  nodeProgram(async () => {
    const [, receiver] = await bound();
    const [transport, protocol] = await bound();
    transport.sendto(Buffer.alloc(70_000), receiver.address);
    await protocol.events(2);
    expect([protocol.log, transport.isClosing()]).toEqual([["made", ["error", "EMSGSIZE"]], false]);
    transport.sendto(DATA, receiver.address);
    await receiver.events(2);
    await closed(receiver, protocol);
  }));

test(`${ID}.test_sendto_error_received_connected: a peer that refuses is told to the protocol each time, and the transport stays open`, () =>
  nodeProgram(async () => {
    const [transport, protocol] = await connected(await deaf());
    for (let count = 2; count < 4; count++) {
      transport.sendto(DATA);
      await protocol.events(count);
    }
    expect(protocol.log).toEqual(["made", ["error", "ECONNREFUSED"], ["error", "ECONNREFUSED"]]);
    expect(transport.isClosing()).toBe(false);
    await closed(protocol);
  }));

test(`${ID}.test_sendto_connected_addr: a transport that is connected sends to its peer, and to no other`, () =>
  nodeProgram(async () => {
    const [, receiver] = await bound();
    const [transport, protocol] = await connected(receiver.address);
    const { address, port } = receiver.address;
    expect(() => transport.sendto(DATA, { address, port: port === 9 ? 10 : 9 })).toThrow(
      new RangeError(`Cannot send to 127.0.0.1:9: all goes to 127.0.0.1:${port}; pass no address`),
    );
    transport.sendto(DATA, receiver.address);
    transport.sendto(DATA, null);
    await receiver.events(3);
    expect(receiver.log).toEqual(["made", "data data", "data data"]);
    await closed(receiver, protocol);
  }));

test(`${ID}.test_sendto_closing: what is sent after close() is dropped`, () =>
  nodeProgram(async () => {
    const [, receiver] = await bound();
    const [transport, protocol] = await connected(receiver.address);
    transport.close();
    transport.sendto(DATA);
    await protocol.until(() => protocol.lost);
    transport.sendto(DATA, receiver.address);
    await sleep(10);
    expect([protocol.log, receiver.log]).toEqual([["made", ["lost", null]], ["made"]]);
    await closed(receiver);
  }));

test(`${ID}.test_fatal_error_connected: the exception handler is not told of what a peer or the system does`, () =>
  nodeProgram(async ({ heard }) => {
    const [transport, protocol] = await connected(await deaf());
    transport.sendto(Buffer.alloc(70_000));
    transport.sendto(DATA);
    await protocol.events(3);
    expect(protocol.log).toEqual(["made", ["error", "EMSGSIZE"], ["error", "ECONNREFUSED"]]);
    expect(heard).toEqual([]);
    await closed(protocol);
  }));

test(`${ID}.test_fatal_error_connected_custom_error: of an error of another kind it is, with the transport and its protocol`, () =>
  nodeProgram(async ({ heard }) => {
    const [, receiver] = await bound();
    const [transport, protocol] = await connected(receiver.address);
    const exception = new Unexpected("out of order");
    (transport.getExtraInfo("socket") as Socket).emit("error", exception);
    expect(heard.splice(0)).toEqual([
      { message: "Fatal read error on datagram transport", exception, transport, protocol },
    ]);
    await protocol.until(() => protocol.lost);
    expect(protocol.log).toEqual(["made", ["lost", exception]]);
    await closed(receiver);
  }));
