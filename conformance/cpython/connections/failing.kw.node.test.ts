import { AddressError, createConnection } from "@tsyncio/node";
import { ExceptionGroup } from "tsyncio";
import { expect, test } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { PeerServer } from "../transports/peer.ts";
import { Recorder } from "../transports/recorder.ts";
import { closedPort, knows } from "./ports.ts";

const ID = "test_base_events.py::BaseEventLoopWithSelectorTests";
const EVENTS = "test_events.py::EventLoopTestsMixin";
const factory = () => new Recorder();
const messages = (group: unknown) => (group as AggregateError).errors.map(({ message }) => message);

test(`${ID}.test_create_connection_connect_err: an address that refuses is the error of the system, or a group of it when all errors are asked for`, () =>
  nodeProgram(async () => {
    const port = await closedPort();
    const error = await thrownBy(createConnection(factory, "127.0.0.1", port));
    expect(error).toMatchObject({ code: "ECONNREFUSED", syscall: "connect", address: "127.0.0.1", port });
    const group = await thrownBy(createConnection(factory, "127.0.0.1", port, { allErrors: true }));
    expect(group).toBeInstanceOf(ExceptionGroup);
    expect((group as Error).message).toBe("createConnection failed (1 sub-exception)");
    expect((group as ExceptionGroup).errors).toEqual([expect.objectContaining({ code: "ECONNREFUSED" })]);
  }));

test(`${ID}.test_create_connection_multiple: when every address of a name refuses, that is thrown with the code of the first; all their errors on request`, () =>
  nodeProgram(async () => {
    const port = await closedPort();
    const lookup = knows({ name: ["127.0.0.1", "127.0.0.2"] });
    const each = [`connect ECONNREFUSED 127.0.0.1:${port}`, `connect ECONNREFUSED 127.0.0.2:${port}`];
    for (const happyEyeballsDelay of [null, 250]) {
      const options = { lookup, happyEyeballsDelay, family: 4 } as const;
      const error = await thrownBy(createConnection(factory, "name", port, options));
      expect(error).toMatchObject({ code: "ECONNREFUSED", syscall: "connect" });
      const group = await thrownBy(createConnection(factory, "name", port, { ...options, allErrors: true }));
      expect(group).toBeInstanceOf(ExceptionGroup);
      expect(messages(group)).toEqual(each);
    }
  }));

test(`${ID}.test_create_connection_multiple_errors: different failures are told in one message, equal ones are one`, () =>
  nodeProgram(async () => {
    const port = await closedPort();
    const names = knows({ several: ["127.0.0.1", "127.0.0.2"], same: ["127.0.0.1", "127.0.0.1"] });
    const each = [`connect ECONNREFUSED 127.0.0.1:${port}`, `connect ECONNREFUSED 127.0.0.2:${port}`];
    const error = await thrownBy(createConnection(factory, "several", port, { lookup: names }));
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as Error).message).toBe(`Cannot connect to several:${port}: ${each.join(", ")}`);
    expect(messages(error)).toEqual(each);
    const group = await thrownBy(createConnection(factory, "several", port, { lookup: names, allErrors: true }));
    expect(messages(group)).toEqual(each);
    const one = await thrownBy(createConnection(factory, "same", port, { lookup: names, happyEyeballsDelay: null }));
    expect(one).not.toBeInstanceOf(AggregateError);
    expect((one as Error).message).toBe(each[0]);
  }));

test(`${ID}.test_create_connection_multiple_errors_local_addr: a local address that cannot be had counts as a failure of the address`, () =>
  nodeProgram(async () => {
    const port = await closedPort();
    const lookup = knows({ name: ["127.0.0.1", "127.0.0.2"], here: ["192.0.2.1", "127.0.0.3"], away: ["192.0.2.1"] });
    // The second local address can be bound: then it is the peer that refuses.
    const options = { lookup, happyEyeballsDelay: null, localAddress: { host: "here" } };
    const group = await thrownBy(createConnection(factory, "name", port, { ...options, allErrors: true }));
    expect(messages(group)).toEqual([
      `connect ECONNREFUSED 127.0.0.1:${port}`,
      `connect ECONNREFUSED 127.0.0.2:${port}`,
    ]);
    const unbound = await thrownBy(
      createConnection(factory, "name", port, { ...options, localAddress: { host: "away" } }),
    );
    expect(unbound).toMatchObject({ code: "EADDRNOTAVAIL", syscall: "bind", message: "bind EADDRNOTAVAIL 192.0.2.1" });
  }));

test(`${ID}.test_create_connection_no_local_addr: a local name without an address is an error`, () =>
  nodeProgram(async () => {
    const lookup = knows({ name: ["127.0.0.1", "127.0.0.2"] });
    const error = await thrownBy(
      createConnection(factory, "name", 80, { lookup, family: 4, localAddress: { host: "nobody", port: 8080 } }),
    );
    expect(error).toBeInstanceOf(AddressError);
    expect((error as Error).message).toBe('Cannot resolve "nobody": it has no IPv4 address');
  }));

test(`${EVENTS}.test_create_connection_local_addr: a connection can be made from an address and a port of one's own`, () =>
  nodeProgram(async () => {
    const server = new PeerServer();
    await server.listen({ host: "127.0.0.1" });
    const port = await closedPort();
    const [transport] = await createConnection(factory, "127.0.0.1", server.port, {
      localAddress: { host: "127.0.0.1", port },
    });
    expect(transport.getExtraInfo("sockname")).toEqual({ address: "127.0.0.1", port, family: "IPv4" });
    const peer = await server.accept();
    expect(peer.socket.remotePort).toBe(port);
    // The peer closes first: the port is free at once.
    peer.socket.destroy();
    transport.abort();
    server.close();
  }));

test(`${EVENTS}.test_create_connection_local_addr_in_use: a local address that is taken is an error that names it`, () =>
  nodeProgram(async () => {
    const server = new PeerServer();
    await server.listen({ host: "127.0.0.1" });
    const { port } = server;
    const error = await thrownBy(
      createConnection(factory, "127.0.0.1", port, { localAddress: { host: "127.0.0.1", port } }),
    );
    expect(error).toMatchObject({ code: "EADDRINUSE" });
    expect((error as Error).message).toContain(`127.0.0.1:${port}`);
    server.close();
  }));

test(`${EVENTS}.test_create_connection_local_addr_skip_different_family: local addresses of another family are passed over`, () =>
  nodeProgram(async () => {
    const server = new PeerServer();
    await server.listen({ host: "127.0.0.1" });
    const lookup = knows({ here: ["::1", "127.0.0.2"] });
    const [transport] = await createConnection(factory, "127.0.0.1", server.port, {
      lookup,
      localAddress: { host: "here" },
    });
    expect(transport.getExtraInfo("sockname")).toMatchObject({ address: "127.0.0.2", family: "IPv4" });
    transport.close();
    (await server.accept()).socket.destroy();
    server.close();
  }));

test(`${EVENTS}.test_create_connection_local_addr_nomatch_family: without a local address of the family there is no connection`, () =>
  nodeProgram(async () => {
    const lookup = knows({ here: ["::1"] });
    const error = await thrownBy(
      createConnection(factory, "127.0.0.1", 80, { lookup, localAddress: { host: "here" } }),
    );
    expect(error).toBeInstanceOf(AddressError);
    expect((error as Error).message).toBe("Cannot connect to 127.0.0.1:80: no local address has family IPv4");
  }));
