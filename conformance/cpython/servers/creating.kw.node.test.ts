import { createServer } from "@tsyncio/node";
import { createServer as createNodeServer, isIPv6 } from "node:net";
import { expect, test } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { closedPort, knows } from "../connections/ports.ts";
import { PeerServer } from "../transports/peer.ts";
import { Recorder } from "../transports/recorder.ts";
import { Accepted } from "./accepting.ts";
import { client, clientOf } from "./clients.ts";
import { hasIpv6 } from "../../../test/ipv6.ts";

const ID = "test_base_events.py::BaseEventLoopWithSelectorTests";
const EVENTS = "test_events.py::EventLoopTestsMixin";
const factory = () => new Recorder();

test(`${EVENTS}.test_create_server: a server makes a protocol for each client, with the addresses of both ends`, () =>
  nodeProgram(async () => {
    const accepted = new Accepted();
    await using server = await createServer(accepted.factory, "0.0.0.0", 0);
    expect(server.sockets).toEqual([{ address: "0.0.0.0", port: expect.any(Number), family: "IPv4" }]);
    const [{ port }] = server.sockets;
    const peer = await client({ port, host: "127.0.0.1" });
    peer.socket.write("xxx");
    await accepted.until(1);
    const [protocol] = accepted.all;
    await protocol.heard.until(() => protocol.heard.received === "xxx");
    expect(protocol.transport.getExtraInfo("sockname")).toEqual({ address: "127.0.0.1", port, family: "IPv4" });
    expect(protocol.transport.getExtraInfo("peername")).toEqual({
      address: "127.0.0.1",
      port: peer.socket.localPort,
      family: "IPv4",
    });
    protocol.transport.close();
    await protocol.heard.until(() => protocol.heard.lost);
    expect(protocol.heard.log).toEqual(["made", "data xxx", ["lost", null]]);
    await peer.until(() => peer.closed);
  }));

test(`${ID}.test_create_server_host_port_sock: a socket and an address cannot be given together`, () =>
  nodeProgram(async () => {
    const socket = createNodeServer();
    expect(() => createServer(factory, "0.0.0.0", 0, { socket })).toThrow(
      new RangeError("Cannot create server: host or port and socket are given; pass one of them"),
    );
  }));

test(`${ID}.test_create_server_no_host_port_sock: an address or a socket must be given`, () =>
  nodeProgram(async () => {
    expect(() => createServer(factory)).toThrow(
      new RangeError("Cannot create server: neither host and port nor a socket is given"),
    );
  }));

test(`${ID}.test_create_server_wrong_sock: what does not listen for streams is refused`, () =>
  nodeProgram(async () => {
    expect(() => createServer(factory, null, null, { socket: {} as never })).toThrow(
      new TypeError("Cannot create server: expected a listening net.Server or { fd }, received [object Object]"),
    );
    expect(() => createServer(factory, null, null, { socket: createNodeServer() })).toThrow(
      "Cannot create server: the net.Server does not listen; call listen() first",
    );
  }));

test(`${ID}.test_create_server_empty_host: "" as the host is every address of this machine, as null`, () =>
  nodeProgram(async () => {
    for (const host of ["", null]) {
      await using server = await createServer(factory, host, 0);
      expect(server.sockets.map(({ address }) => address)).toEqual(["0.0.0.0", "::"]);
    }
    await using server = await createServer(factory, "", 0, { family: 4 });
    expect(server.sockets.map(({ address }) => address)).toEqual(["0.0.0.0"]);
  }));

test.skipIf(!hasIpv6)(`${ID}.test_create_server_ipv6: a server can listen on an IPv6 address`, () =>
  nodeProgram(async () => {
    await using server = await createServer(factory, "::1", 0);
    expect(server.sockets).toEqual([{ address: "::1", port: expect.any(Number), family: "IPv6" }]);
    (await clientOf(server)).socket.destroy();
  }),
);

test(`${ID}.test_create_server_no_getaddrinfo: a name without an address cannot be listened on`, () =>
  nodeProgram(async () => {
    const error = await thrownBy(createServer(factory, "python.test", 0, { lookup: knows({}) }));
    expect(error).toMatchObject({
      code: "TSYNCIO_NO_ADDRESS",
      message: 'Cannot resolve "python.test": it has no address',
    });
  }));

test(`${ID}.test_create_server_cant_bind: when one address cannot be had, none is kept`, () =>
  nodeProgram(async () => {
    const taken = new PeerServer();
    await taken.listen({ host: "127.0.0.2" });
    const { port } = taken;
    const error = await thrownBy(createServer(factory, ["127.0.0.1", "127.0.0.2"], port));
    expect(error).toMatchObject({ code: "EADDRINUSE", syscall: "listen", address: "127.0.0.2", port });
    expect(await thrownBy(client({ port, host: "127.0.0.1" }))).toMatchObject({ code: "ECONNREFUSED" });
    taken.close();
    expect(await thrownBy(createServer(factory, "192.0.2.1", 0))).toMatchObject({ code: "EADDRNOTAVAIL" });
  }));

test(`${EVENTS}.test_create_server_addr_in_use: an address that is taken is an error of the system`, () =>
  nodeProgram(async () => {
    await using server = await createServer(factory, "0.0.0.0", 0);
    const [{ address, port }] = server.sockets;
    expect(await thrownBy(createServer(factory, address, port))).toMatchObject({ code: "EADDRINUSE", address, port });
  }));

/** The server listens on each of the hosts once. */
function expectHosts(hosts: readonly string[]) {
  return nodeProgram(async () => {
    await using server = await createServer(factory, hosts, 0);
    expect(server.sockets.map(({ address }) => address)).toEqual([...new Set(hosts)]);
    for (const { address, port, family } of server.sockets) {
      expect(family).toBe(isIPv6(address) ? "IPv6" : "IPv4");
      (await client({ port, host: address })).socket.destroy();
    }
  });
}

test(`${EVENTS}.test_create_server_multiple_hosts_ipv4: a server listens on several addresses, on each of them once`, () =>
  expectHosts(["127.0.0.1", "127.0.0.2", "127.0.0.1"]));

test.skipIf(!hasIpv6)(
  `${EVENTS}.test_create_server_multiple_hosts_ipv6: a server listens on several IPv6 addresses, on each of them once`,
  () => expectHosts(["::1", "::", "::1"]),
);

test.skipIf(!hasIpv6)(
  `${EVENTS}.test_create_server_dual_stack: without a host a port is listened on in both families`,
  () =>
    nodeProgram(async () => {
      const accepted = new Accepted();
      await using server = await createServer(accepted.factory, null, await closedPort());
      const [{ port }, second] = server.sockets;
      expect(second).toEqual({ address: "::", port, family: "IPv6" });
      for (const [host, sockname] of [
        ["127.0.0.1", "127.0.0.1"],
        ["::1", "::1"],
      ]) {
        const peer = await client({ port, host });
        await accepted.until(1);
        const protocol = accepted.all.pop() as Recorder;
        expect(protocol.transport.getExtraInfo("sockname")).toMatchObject({ address: sockname, port });
        protocol.transport.close();
        await peer.until(() => peer.closed);
      }
    }),
);

test(`${EVENTS}.test_create_server_sock: a server takes over a socket that listens already`, () =>
  nodeProgram(async () => {
    const socket = createNodeServer();
    await new Promise((resolve) => void socket.listen(0, "127.0.0.1", resolve as () => void));
    const accepted = new Accepted();
    const server = await createServer(accepted.factory, null, null, { socket });
    expect(server.sockets).toEqual([{ ...(socket.address() as object) }]);
    const peer = await clientOf(server);
    peer.socket.end("xxx");
    await accepted.until(1);
    const [protocol] = accepted.all;
    await protocol.heard.until(() => protocol.heard.lost);
    expect(protocol.heard.log).toEqual(["made", "data xxx", "eof", ["lost", null]]);
    server.close();
    expect(socket.listening).toBe(false);
    await server.waitClosed();
  }));
