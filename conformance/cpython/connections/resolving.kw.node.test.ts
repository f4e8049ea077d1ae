import { AddressError, createConnection, getaddrinfo, getnameinfo } from "@tsyncio/node";
import { lookupService } from "node:dns/promises";
import { expect, test } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { PeerServer } from "../transports/peer.ts";
import { Recorder } from "../transports/recorder.ts";
import { knows, unasked } from "./ports.ts";
import { hasIpv6 } from "../../../test/ipv6.ts";

const ID = "test_base_events.py::BaseEventLoopWithSelectorTests";
const PARTS = "test_base_events.py::BaseEventTests";

test(`${PARTS}.test_ipaddr_info: a literal address is itself, and nobody is asked; a name is asked for`, () =>
  nodeProgram(async () => {
    const one = { address: "1.2.3.4", port: 1, family: "IPv4" };
    const three = { address: "::3", port: 1, family: "IPv6" };
    const lookup = unasked;
    expect(await getaddrinfo("1.2.3.4", 1, { lookup })).toEqual([one]);
    expect(await getaddrinfo("1.2.3.4", 1, { lookup, family: 4 })).toEqual([one]);
    expect(await getaddrinfo("::3", 1, { lookup })).toEqual([three]);
    expect(await getaddrinfo("::3", 1, { lookup, family: 6 })).toEqual([three]);

    const wrong = await thrownBy(getaddrinfo("1.2.3.4", 1, { lookup, family: 6 }));
    expect(wrong).toBeInstanceOf(AddressError);
    expect(wrong).toMatchObject({
      code: "TSYNCIO_NO_ADDRESS",
      message: 'Cannot resolve "1.2.3.4": it has no IPv6 address',
    });
    expect(await thrownBy(getaddrinfo("::3", 1, { lookup, family: 4 }))).toBeInstanceOf(AddressError);

    const both = knows({ name: ["1.2.3.4", "::3"] });
    expect(await getaddrinfo("name", 1, { lookup: both })).toEqual([one, three]);
    expect(await getaddrinfo("name", 1, { lookup: both, family: 6 })).toEqual([three]);
    expect(await thrownBy(getaddrinfo("name", 1, { lookup: unasked }))).toMatchObject({
      message: "the resolver was asked for name",
    });
  }));

test(`${PARTS}.test_port_parameter_types: a port may be a number, digits, or left open`, () =>
  nodeProgram(async () => {
    const ports = [null, undefined, "", "1", 1, 65_535];
    const found: number[] = [];
    for (const port of ports) found.push((await getaddrinfo("1.2.3.4", port))[0].port);
    expect(found).toEqual([0, 0, 0, 1, 1, 65_535]);
    for (const port of [-1, 65_536, 1.5, NaN, "http", "1.5", true as never])
      expect(() => getaddrinfo("1.2.3.4", port)).toThrow(RangeError);
    expect(() => getaddrinfo("1.2.3.4", "http")).toThrow(
      'Cannot use port "http": it must be an integer from 0 to 65535',
    );
  }));

test(`${ID}.test_getnameinfo: the names of an address are those that the system gives`, () =>
  nodeProgram(async () => {
    const names = await getnameinfo({ address: "127.0.0.1", port: 80 });
    expect(names).toEqual(await lookupService("127.0.0.1", 80));
    expect(names.hostname).toEqual(expect.any(String));
    const message = 'Cannot look up names: expected an IP address, received "localhost"';
    expect(() => getnameinfo({ address: "localhost", port: 80 })).toThrow(new TypeError(message));
  }));

test(`${ID}.test_create_connection_no_getaddrinfo: a name without an address cannot be connected to`, () =>
  nodeProgram(async () => {
    const error = await thrownBy(createConnection(() => new Recorder(), "example.test", 80, { lookup: knows({}) }));
    expect(error).toBeInstanceOf(AddressError);
    expect((error as Error).message).toBe('Cannot resolve "example.test": it has no address');
  }));

test.skipIf(!hasIpv6)(
  `${ID}.test_create_connection_ip_addr: a literal address is connected to as it is, in its family`,
  () =>
    nodeProgram(async () => {
      for (const [address, family] of [
        ["127.0.0.1", "IPv4"],
        ["::1", "IPv6"],
      ]) {
        const server = new PeerServer();
        await server.listen({ host: address });
        const { port } = server;
        const [transport] = await createConnection(() => new Recorder(), address, port, { lookup: unasked });
        expect(transport.getExtraInfo("peername")).toEqual({ address, port, family });
        transport.close();
        (await server.accept()).socket.destroy();
        server.close();
      }
    }),
);
