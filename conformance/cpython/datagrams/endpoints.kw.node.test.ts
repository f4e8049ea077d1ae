import { AddressError, createDatagramEndpoint } from "@tsyncio/node";
import { type Socket, createSocket } from "node:dgram";
import { once } from "node:events";
import { Socket as StreamSocket, isIPv6 } from "node:net";
import { RuntimeError, fromPromise, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { DatagramRecorder, bound, connected, deaf } from "./recorder.ts";
import { hasIpv6 } from "../../../test/ipv6.ts";

const BASE = "test_base_events.py::BaseEventLoopWithSelectorTests";
const LOOP = "test_events.py::EventLoopTestsMixin";
const factory = () => new DatagramRecorder();

/** A bare socket of Node, bound to loopback. */
async function nodeSocket() {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await fromPromise(once(socket, "listening"));
  return socket;
}

/** Closes a transport, and waits until its protocol has heard of that. */
async function closed(protocol: DatagramRecorder) {
  protocol.transport.close();
  await protocol.until(() => protocol.lost);
  expect(protocol.log.at(-1)).toEqual(["lost", null]);
}

/** A server that answers, and a client that is connected to it. */
async function conversation(host: string) {
  class Answering extends DatagramRecorder {
    override datagramReceived(data: Uint8Array, from: Parameters<DatagramRecorder["datagramReceived"]>[1]) {
      super.datagramReceived(data, from);
      this.transport.sendto(Buffer.concat([Buffer.from("resp:"), data]), from);
    }
  }
  const [serving, server] = await createDatagramEndpoint(() => new Answering(), { localAddress: { host } });
  expect([server.transport, server.log]).toEqual([serving, ["made"]]);
  const [transport, client] = await connected(server.address);
  expect([client.transport, client.log]).toEqual([transport, ["made"]]);
  transport.sendto(Buffer.from("xxx"));
  await client.events(2);
  expect([server.log, client.log]).toEqual([
    ["made", "data xxx"],
    ["made", "data resp:xxx"],
  ]);
  expect([server.from, client.from]).toEqual([client.address, server.address]);
  expect(transport.getExtraInfo("peername")).toEqual(server.address);
  expect(isIPv6(client.address.address)).toBe(isIPv6(host));
  await closed(client);
  await closed(server);
}

test(`${LOOP}.test_create_datagram_endpoint: a bound endpoint answers one that is connected to it`, () =>
  nodeProgram(() => conversation("127.0.0.1")));

test.skipIf(!hasIpv6)(`${LOOP}.test_create_datagram_endpoint_ipv6: so it does over IPv6`, () =>
  nodeProgram(() => conversation("::1")),
);

test(`${LOOP}.test_create_datagram_endpoint_sock: a socket that is bound is taken over`, () =>
  nodeProgram(async ({ loop }) => {
    const socket = await nodeSocket();
    const [transport, protocol] = await createDatagramEndpoint(factory, { socket });
    expect([protocol.transport, transport.getExtraInfo("socket")]).toEqual([transport, socket]);
    expect(protocol.address.port).toBe(socket.address().port);
    await closed(protocol);
    expect(loop.resources.size).toBe(0);
  }));

test(`${LOOP}.test_datagram_send_to_non_listening_address: an endpoint that has sent to where nobody listens receives as before`, () =>
  nodeProgram(async () => {
    const [transport1, protocol1] = await bound();
    const [transport2, protocol2] = await bound();
    const nobody = await deaf();
    transport1.sendto(Buffer.from("a"), protocol2.address);
    await protocol2.events(2);
    transport2.sendto(Buffer.from("b"), protocol1.address);
    await protocol1.events(2);
    transport1.sendto(Buffer.from("c"), nobody);
    await sleep(10);
    transport2.sendto(Buffer.from("d"), protocol1.address);
    await protocol1.events(3);
    expect([protocol1.log, protocol2.log]).toEqual([
      ["made", "data b", "data d"],
      ["made", "data a"],
    ]);
    await closed(protocol1);
    await closed(protocol2);
  }));

test(`${BASE}.test_create_datagram_endpoint_wrong_sock: a socket for streams is refused`, () =>
  nodeProgram(async () => {
    const socket = new StreamSocket() as unknown as Socket;
    expect(() => createDatagramEndpoint(factory, { socket })).toThrow(
      new TypeError("Cannot create datagram endpoint: expected a dgram.Socket, received [object Object]"),
    );
  }));

test(`${BASE}.test_create_datagram_endpoint_no_addrinfo: a name without addresses is an error`, () =>
  nodeProgram(async () => {
    const lookup = (_: string, __: unknown, done: (error: null, found: []) => void) => done(null, []);
    const options = { localAddress: { host: "localhost" }, lookup: lookup as never };
    expect(await thrownBy(createDatagramEndpoint(factory, options))).toBeInstanceOf(AddressError);
  }));

test(`${BASE}.test_create_datagram_endpoint_addr_error: what is no address is refused`, () =>
  nodeProgram(async () => {
    expect(() => createDatagramEndpoint(factory, { localAddress: "localhost" as never })).toThrow(
      new TypeError("Cannot create datagram endpoint: an address must be { host, port }, received localhost"),
    );
    expect(() => createDatagramEndpoint(factory, { remoteAddress: { host: "localhost", port: -1 } })).toThrow(
      RangeError,
    );
  }));

test(`${BASE}.test_create_datagram_endpoint_connect_err: an address that cannot be connected to is Node's error`, () =>
  nodeProgram(async ({ loop }) => {
    // Only who is allowed to broadcast can. This one is there without a network, too.
    const remoteAddress = { host: "127.255.255.255", port: 9 };
    expect(await thrownBy(createDatagramEndpoint(factory, { remoteAddress }))).toMatchObject({
      code: "EACCES",
      syscall: "connect",
    });
    expect(loop.resources.size).toBe(0);
  }));

test(`${BASE}.test_create_datagram_endpoint_allow_broadcast: with allowBroadcast the socket is not connected, and hears from anybody`, () =>
  nodeProgram(async () => {
    const [, server] = await bound();
    const [transport, client] = await createDatagramEndpoint(factory, {
      remoteAddress: { host: "127.0.0.1", port: server.address.port },
      allowBroadcast: true,
    });
    expect(transport.getExtraInfo("peername")).toBe(null);
    transport.sendto(Buffer.from("to the server"));
    await server.events(2);
    const [stranger] = await bound();
    stranger.sendto(Buffer.from("hello"), { address: "127.0.0.1", port: client.address.port });
    await client.events(2);
    expect([server.log, client.log]).toEqual([
      ["made", "data to the server"],
      ["made", "data hello"],
    ]);
    stranger.close();
    await closed(client);
    await closed(server);
  }));

test(`${BASE}.test_create_datagram_endpoint_socket_err: when no address can be had, the error of the first is thrown`, () =>
  nodeProgram(async ({ loop }) => {
    const found = ["203.0.113.77", "203.0.113.78"].map((address) => ({ address, family: 4 }));
    const lookup = (_: string, __: unknown, done: (error: null, all: typeof found) => void) => done(null, found);
    const options = { localAddress: { host: "elsewhere" }, lookup: lookup as never };
    expect(await thrownBy(createDatagramEndpoint(factory, options))).toMatchObject({
      code: "EADDRNOTAVAIL",
      syscall: "bind",
      address: "203.0.113.77",
    });
    expect(loop.resources.size).toBe(0);
  }));

test(`${BASE}.test_create_datagram_endpoint_no_matching_family: both ends must be of the same family`, () =>
  nodeProgram(async () => {
    const options = { remoteAddress: { host: "127.0.0.1", port: 9 }, localAddress: { host: "::1" } };
    expect(await thrownBy(createDatagramEndpoint(factory, options))).toEqual(
      new AddressError("Cannot create datagram endpoint: no local address has the family of a remote one"),
    );
  }));

test(`${BASE}.test_create_datagram_endpoint_noaddr_nofamily: an address or a family must be given`, () =>
  nodeProgram(async () => {
    expect(() => createDatagramEndpoint(factory, {})).toThrow(
      new RangeError("Cannot create datagram endpoint: neither localAddress nor remoteAddress nor family is given"),
    );
    const [, protocol] = await createDatagramEndpoint(factory, { family: 6 });
    expect(protocol.address).toMatchObject({ address: "::", family: "IPv6" });
    await closed(protocol);
  }));

test(`${BASE}.test_create_datagram_endpoint_cant_bind: a port that is taken is Node's error, and the socket is closed`, () =>
  nodeProgram(async ({ loop }) => {
    const taken = await nodeSocket();
    const localAddress = { host: "127.0.0.1", port: taken.address().port };
    expect(await thrownBy(createDatagramEndpoint(factory, { localAddress, family: 4 }))).toMatchObject({
      code: "EADDRINUSE",
      syscall: "bind",
    });
    expect(loop.resources.size).toBe(0);
    taken.close();
  }));

test(`${BASE}.test_create_datagram_endpoint_sock: a socket that is taken over is closed with its transport`, () =>
  nodeProgram(async () => {
    const socket = await nodeSocket();
    const [, protocol] = await createDatagramEndpoint(factory, { socket });
    const gone = once(socket, "close");
    await closed(protocol);
    await gone;
    expect(protocol.log).toEqual(["made", ["lost", null]]);
    const unbound = createSocket("udp4");
    expect(await thrownBy(createDatagramEndpoint(factory, { socket: unbound }))).toBeInstanceOf(RuntimeError);
    unbound.close();
  }));

test(`${BASE}.test_create_datagram_endpoint_sock_sockopts: with a socket there is nothing else to say`, () =>
  nodeProgram(async () => {
    const socket = await nodeSocket();
    const address = { host: "127.0.0.1" };
    const refused = (options: object) => () => createDatagramEndpoint(factory, { ...options, socket });
    expect(refused({ localAddress: address, allowBroadcast: true })).toThrow(
      new RangeError("Cannot create datagram endpoint: with a socket there can be no localAddress, allowBroadcast"),
    );
    for (const option of [
      { localAddress: address },
      { remoteAddress: address },
      { family: 4 },
      { hints: 1 },
      { reuseAddress: true },
      { allowBroadcast: true },
    ])
      expect(refused(option)).toThrow(RangeError);
    socket.close();
  }));

test(`${BASE}.test_create_datagram_endpoint_ip_addr: a literal address is not looked up`, () =>
  nodeProgram(async () => {
    const lookup = () => expect.unreachable();
    const localAddress = { host: "127.0.0.1" };
    const [transport, protocol] = await createDatagramEndpoint(factory, { localAddress, lookup });
    expect(protocol.address).toMatchObject({ address: "127.0.0.1", family: "IPv4" });
    transport.sendto(Buffer.from("to itself"), protocol.address);
    await protocol.events(2);
    expect(protocol.log).toEqual(["made", "data to itself"]);
    await closed(protocol);
  }));
