import { createConnection, createUnixConnection } from "@tsyncio/node";
import { createSocket } from "node:dgram";
import { Socket } from "node:net";
import { RuntimeError } from "tsyncio";
import { expect, test } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { Recorder } from "../transports/recorder.ts";

const ID = "test_base_events.py::BaseEventLoopWithSelectorTests";
const UNIX = "test_unix_events.py::SelectorEventLoopUnixSocketTests";
const factory = () => new Recorder();

/** It is thrown at the call, before anything is begun. */
function expectAtOnce(call: () => unknown, error: Error) {
  return nodeProgram(async () => {
    expect(call).toThrow(error);
  });
}

test(`${ID}.test_create_connection_host_port_sock: a socket and an address cannot be given together`, () =>
  expectAtOnce(
    () => createConnection(factory, "example.com", 80, { socket: new Socket() }),
    new RangeError("Cannot create connection: host or port and socket are given; pass one of them"),
  ));

test(`${ID}.test_create_connection_no_host_port_sock: an address or a socket must be given`, () =>
  expectAtOnce(
    () => createConnection(factory),
    new RangeError("Cannot create connection: neither host and port nor a socket is given"),
  ));

test(`${ID}.test_create_connection_wrong_sock: what is no stream socket, or none that is connected, is refused`, () =>
  nodeProgram(async () => {
    const datagrams = createSocket("udp4");
    try {
      expect(() => createConnection(factory, null, null, { socket: datagrams as never })).toThrow(
        "Cannot create connection: expected a connected net.Socket, received [object Object]",
      );
      expect(() => createConnection(factory, null, null, { socket: datagrams as never })).toThrow(TypeError);
    } finally {
      datagrams.close();
    }
    expect(() => createConnection(factory, null, null, { socket: new Socket() })).toThrow(
      new RuntimeError("Cannot create connection: the socket is not connected; pass one that is connected"),
    );
  }));

test(`${UNIX}.test_create_unix_connection_path_sock: a socket and a path cannot be given together`, () =>
  expectAtOnce(
    () => createUnixConnection(factory, "/dev/null", { socket: new Socket() }),
    new RangeError("Cannot create Unix connection: path and socket are given; pass one of them"),
  ));

test(`${UNIX}.test_create_unix_connection_nopath_nosock: a path or a socket must be given`, () =>
  expectAtOnce(
    () => createUnixConnection(factory, null),
    new RangeError("Cannot create Unix connection: neither a path nor a socket is given"),
  ));
