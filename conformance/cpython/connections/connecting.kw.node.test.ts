import { Protocol, Transport, connectAcceptedSocket, createConnection, createUnixConnection } from "@tsyncio/node";
import { once } from "node:events";
import { Socket, connect } from "node:net";
import { pathToFileURL } from "node:url";
import { TimeoutError, sleep, timeout } from "tsyncio";
import { expect, test, vi } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { withSocketPath } from "../servers/socket-path.ts";
import { PeerServer } from "../transports/peer.ts";
import { Recorder } from "../transports/recorder.ts";
import { unasked } from "./ports.ts";

const EVENTS = "test_events.py::EventLoopTestsMixin";

/** A client of a server that greets and hangs up. */
async function expectGreeting(server: PeerServer, [transport, protocol]: readonly [Transport, Recorder]) {
  expect(transport).toBeInstanceOf(Transport);
  expect(protocol).toBeInstanceOf(Protocol);
  expect(protocol.transport).toBe(transport);
  const peer = await server.accept();
  peer.socket.end("hello");
  await protocol.heard.until(() => protocol.heard.lost);
  expect(protocol.heard.log).toEqual(["made", "data hello", "eof", ["lost", null]]);
  await peer.until(() => peer.closed || peer.ended);
  peer.socket.destroy();
  server.close();
}

test(`${EVENTS}.test_create_connection: a connection has both its addresses, its data and its end`, () =>
  nodeProgram(async () => {
    const server = new PeerServer();
    await server.listen({ host: "127.0.0.1" });
    const { port } = server;
    const connection = await createConnection(() => new Recorder(), "127.0.0.1", port);
    const [transport] = connection;
    expect(transport.getExtraInfo("peername")).toEqual({ address: "127.0.0.1", port, family: "IPv4" });
    expect(transport.getExtraInfo("sockname")).toEqual({
      address: "127.0.0.1",
      port: expect.any(Number),
      family: "IPv4",
    });
    await expectGreeting(server, connection);
  }));

test(`${EVENTS}.test_create_unix_connection: a connection through a Unix socket has its addresses, its data and its end`, () =>
  nodeProgram(() =>
    withSocketPath(async (path) => {
      const server = new PeerServer();
      await server.listen({ path });
      const connection = await createUnixConnection(() => new Recorder(), path);
      const [transport] = connection;
      expect(transport.getExtraInfo("peername")).toEqual({ address: path, port: 0, family: "Unix" });
      expect(transport.getExtraInfo("sockname")).toEqual({ address: "", port: 0, family: "Unix" });
      await expectGreeting(server, connection);
    }),
  ));

test("test_unix_events.py::SelectorEventLoopUnixSocketTests.test_create_unix_connection_pathlike: the path may be a file URL", () =>
  nodeProgram(() =>
    withSocketPath(async (path) => {
      const error = await thrownBy(createUnixConnection(() => new Recorder(), pathToFileURL(path)));
      expect(error).toMatchObject({ code: "ENOENT", syscall: "connect", address: path });
    }),
  ));

test("test_sock_lowlevel.py::BaseSockTestsMixin.test_create_connection_sock: a socket that is connected already can be given in place of an address", () =>
  nodeProgram(async () => {
    const server = new PeerServer();
    await server.listen({ host: "127.0.0.1" });
    const socket = connect(server.port, "127.0.0.1");
    await once(socket, "connect");
    const connection = await createConnection(() => new Recorder(), null, null, { socket });
    expect(connection[0].getExtraInfo("socket")).toBe(socket);
    await expectGreeting(server, connection);
  }));

test(`${EVENTS}.test_connect_accepted_socket: a socket that somebody else has accepted can be given a protocol`, () =>
  nodeProgram(async () => {
    const server = new PeerServer();
    await server.listen({ host: "127.0.0.1" });
    const client = connect(server.port, "127.0.0.1");
    client.write("test data");
    let answer = "";
    client.on("data", (data) => void (answer += String(data)));
    class Answering extends Recorder {
      override dataReceived(data: Uint8Array) {
        super.dataReceived(data);
        this.transport.write(Buffer.from("roger"));
      }
    }
    const { socket } = await server.accept();
    const [transport, protocol] = await connectAcceptedSocket(() => new Answering(), socket);
    expect(protocol.transport).toBe(transport);
    await protocol.heard.until(() => protocol.heard.received === "test data");
    while (answer !== "roger") await sleep(1);
    client.end();
    await protocol.heard.until(() => protocol.heard.lost);
    expect(protocol.heard.log).toEqual(["made", "data test data", "eof", ["lost", null]]);
    server.close();
  }));

test("test_base_events.py::BaseEventLoopWithSelectorTests.test_create_connection_timeout: an attempt that is cancelled by a time limit closes its socket", async () => {
  const connecting = vi.spyOn(Socket.prototype, "connect").mockImplementation(function (this: Socket) {
    return this;
  });
  try {
    await nodeProgram(async () => {
      const attempt = timeout("5ms", () =>
        createConnection(() => new Recorder(), "127.0.0.1", 80, { lookup: unasked }),
      );
      expect(await thrownBy(attempt)).toBeInstanceOf(TimeoutError);
      expect(connecting.mock.contexts.map((socket) => (socket as Socket).destroyed)).toEqual([true]);
    });
  } finally {
    connecting.mockRestore();
  }
});
