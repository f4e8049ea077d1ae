import { createUnixServer } from "@tsyncio/node";
import { existsSync, linkSync, lstatSync, readdirSync, unlinkSync, writeFileSync } from "node:fs";
import { createServer as createNodeServer } from "node:net";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { PeerServer } from "../transports/peer.ts";
import { Recorder } from "../transports/recorder.ts";
import { Accepted } from "./accepting.ts";
import { clientOf } from "./clients.ts";
import { withSocketPath } from "./socket-path.ts";

const ID = "test_unix_events.py::SelectorEventLoopUnixSocketTests";
const CLEANUP = "test_server.py::UnixServerCleanupTests";
const EVENTS = "test_events.py::EventLoopTestsMixin";
const factory = () => new Recorder();

test(`${EVENTS}.test_create_unix_server: a server listens on a Unix socket`, () =>
  nodeProgram(() =>
    withSocketPath(async (path) => {
      const accepted = new Accepted();
      await using server = await createUnixServer(accepted.factory, path);
      expect(server.sockets).toEqual([{ address: path, port: 0, family: "Unix" }]);
      const peer = await clientOf(server);
      peer.socket.write("xxx");
      await accepted.until(1);
      const [protocol] = accepted.all;
      await protocol.heard.until(() => protocol.heard.received === "xxx");
      expect(protocol.transport.getExtraInfo("sockname")).toEqual({ address: path, port: 0, family: "Unix" });
      expect(protocol.transport.getExtraInfo("peername")).toEqual({ address: "", port: 0, family: "Unix" });
      protocol.transport.close();
      await protocol.heard.until(() => protocol.heard.lost);
      expect(protocol.heard.log).toEqual(["made", "data xxx", ["lost", null]]);
      await peer.until(() => peer.closed);
    }),
  ));

test(`${EVENTS}.test_create_unix_server_path_socket_error: a socket and a path cannot be given together`, () =>
  nodeProgram(async () => {
    expect(() => createUnixServer(factory, "/test", { socket: createNodeServer() })).toThrow(
      new RangeError("Cannot create Unix server: path and socket are given; pass one of them"),
    );
  }));

test(`${ID}.test_create_unix_server_nopath_nosock: a path or a socket must be given`, () =>
  nodeProgram(async () => {
    expect(() => createUnixServer(factory, null)).toThrow(
      new RangeError("Cannot create Unix server: neither a path nor a socket is given"),
    );
    expect(() => createUnixServer(factory, 7 as never)).toThrow(
      new TypeError("Cannot create Unix server: expected the path of a socket, received 7"),
    );
  }));

test(`${ID}.test_create_unix_server_pathlike: the path may be a file URL`, () =>
  nodeProgram(() =>
    withSocketPath(async (path) => {
      await using server = await createUnixServer(factory, pathToFileURL(path));
      expect(server.sockets).toMatchObject([{ address: path }]);
      (await clientOf(server)).socket.destroy();
    }),
  ));

test(`${ID}.test_create_unix_server_existing_path_sock: a socket that somebody left behind is replaced`, () =>
  nodeProgram(() =>
    withSocketPath(async (path) => {
      const before = createNodeServer();
      await new Promise((resolve) => void before.listen(`${path}.before`, resolve as () => void));
      linkSync(`${path}.before`, path);
      await new Promise((resolve) => void before.close(resolve as () => void));
      expect(lstatSync(path).isSocket()).toBe(true);

      await using server = await createUnixServer(factory, path);
      (await clientOf(server)).socket.destroy();
      expect(readdirSync(dirname(path))).toEqual(["socket"]);
    }),
  ));

test(`${ID}.test_create_unix_server_existing_path_nonsock: a file that is no socket is left alone, and the address is taken`, () =>
  nodeProgram(() =>
    withSocketPath(async (path) => {
      writeFileSync(path, "precious");
      const error = await thrownBy(createUnixServer(factory, path));
      expect(error).toMatchObject({ code: "EADDRINUSE", syscall: "listen", address: path });
      expect((error as Error).message).toBe(`listen EADDRINUSE: address already in use ${path}`);
      expect(lstatSync(path).size).toBe(8);
      expect(readdirSync(dirname(path))).toEqual(["socket"]);
    }),
  ));

test(`${CLEANUP}.test_unix_server_addr_cleanup: a server that is closed takes its socket's file away`, () =>
  nodeProgram(() =>
    withSocketPath(async (path) => {
      const server = await createUnixServer(factory, path);
      expect(existsSync(path)).toBe(true);
      server.close();
      expect(existsSync(path)).toBe(false);
      await server.waitClosed();
      expect(readdirSync(dirname(path))).toEqual([]);
    }),
  ));

test(`${CLEANUP}.test_unix_server_cleanup_gone: a server whose file somebody else has taken away is closed without an error`, () =>
  nodeProgram(() =>
    withSocketPath(async (path) => {
      const own = await createUnixServer(factory, path);
      unlinkSync(path);
      own.close();

      const socket = createNodeServer();
      await new Promise((resolve) => void socket.listen(path, resolve as () => void));
      const adopted = await createUnixServer(factory, null, { socket });
      expect(adopted.sockets).toEqual([{ address: path, port: 0, family: "Unix" }]);
      unlinkSync(path);
      adopted.close();
      expect(existsSync(path)).toBe(false);
    }),
  ));

test(`${CLEANUP}.test_unix_server_cleanup_replaced: a server whose file somebody else has replaced leaves that alone`, () =>
  nodeProgram(() =>
    withSocketPath(async (path) => {
      const server = await createUnixServer(factory, path);
      unlinkSync(path);
      const other = new PeerServer();
      await other.listen({ path });
      server.close();
      await server.waitClosed();
      expect(lstatSync(path).isSocket()).toBe(true);
      other.close();
    }),
  ));

test(`${CLEANUP}.test_unix_server_cleanup_prevented: with cleanupSocket: false the file stays`, () =>
  nodeProgram(() =>
    withSocketPath(async (path) => {
      const server = await createUnixServer(factory, path, { cleanupSocket: false });
      server.close();
      await server.waitClosed();
      expect(readdirSync(dirname(path))).toEqual(["socket"]);
    }),
  ));
