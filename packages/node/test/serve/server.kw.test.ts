import { Server, createServer, createUnixServer } from "@tsyncio/node";
import { existsSync, readdirSync, statSync } from "node:fs";
import { once } from "node:events";
import { type AddressInfo, connect, createServer as createNodeServer } from "node:net";
import { dirname } from "node:path";
import { CancelledError, ContextVar, createTask, sleep } from "tsyncio";
import { describe, expect, test, vi } from "vitest";
import { Accepted } from "../../../../conformance/cpython/servers/accepting.ts";
import { client, clientOf } from "../../../../conformance/cpython/servers/clients.ts";
import { withSocketPath } from "../../../../conformance/cpython/servers/socket-path.ts";
import { Recorder } from "../../../../conformance/cpython/transports/recorder.ts";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { startProgram } from "../start-program.ts";
import { hasIpv6 } from "../../../../test/ipv6.ts";

const factory = () => new Recorder();

describe("createServer", () => {
  test("cancelled at any point it leaves nothing behind", () =>
    nodeProgram(async ({ loop }) => {
      let turns = 0;
      for (let inTime = true; inTime; turns++) {
        for (let iterations = 0; iterations < 4; iterations++) {
          const task = createTask(createServer(factory, ["127.0.0.1", "127.0.0.2"], 0));
          for (let n = 0; n < turns; n++) await new Promise(setImmediate);
          for (let n = 0; n < iterations; n++) await sleep(0);
          inTime = task.cancel();
          const outcome = await Promise.resolve(task).then(
            (server) => server.close(),
            (error: unknown) => error,
          );
          expect([inTime, loop.resources.size]).toEqual([outcome instanceof CancelledError, 0]);
        }
      }
      expect(turns).toBeGreaterThan(1);
    }));

  test("refuses what is no port", () =>
    nodeProgram(async () => {
      expect(() => createServer(factory, "127.0.0.1", 65_536)).toThrow(RangeError);
    }));
});

describe("a server", () => {
  test("makes its protocols in the context in which it was made, each in a copy", () =>
    nodeProgram(async () => {
      const name = new ContextVar<string>("name", { default: "none" });
      const seen: string[] = [];
      class Looking extends Recorder {
        constructor() {
          super();
          seen.push(`factory: ${name.get()}`);
          name.set("a protocol's");
        }
        override dataReceived(data: Uint8Array) {
          seen.push(`data: ${name.get()}`);
          super.dataReceived(data);
        }
      }
      name.set("the server's");
      await using server = await createServer(() => new Looking(), "127.0.0.1", 0);
      name.set("later");
      for (let n = 0; n < 2; n++) {
        const peer = await clientOf(server);
        peer.socket.end("data");
        await peer.until(() => peer.ended);
      }
      expect(seen).toEqual([
        "factory: the server's",
        "data: a protocol's",
        "factory: the server's",
        "data: a protocol's",
      ]);
    }));

  test("reports a factory that fails, closes that connection, and goes on", () =>
    nodeProgram(async ({ heard }) => {
      let count = 0;
      const error = new RangeError("not this one");
      const accepted = new Accepted();
      await using server = await createServer(
        () => {
          if (count++ === 0) throw error;
          return accepted.factory();
        },
        "127.0.0.1",
        0,
      );
      const refused = await clientOf(server);
      await refused.until(() => refused.closed || refused.ended);
      const reports = heard.splice(0);
      expect(reports.map(({ message }) => message)).toEqual(["Error on transport creation for incoming connection"]);
      expect(reports[0].exception).toBe(error);
      const peer = await clientOf(server);
      await accepted.until(1);
      peer.socket.destroy();
    }));

  test("closes connections that came in the moment in which it was closed", () =>
    nodeProgram(async ({ loop }) => {
      const accepted = new Accepted();
      const server = await createServer(accepted.factory, "127.0.0.1", 0);
      const socket = { destroyed: false, destroy: () => (socket.destroyed = true) };
      (server as any).connected(socket);
      server.close();
      await server.waitClosed();
      await sleep(0);
      expect([socket.destroyed, accepted.all.length, loop.resources.size]).toEqual([true, 0, 0]);
    }));

  test("that is closed while it is served ends serveForever(), after its connections", () =>
    nodeProgram(async () => {
      const accepted = new Accepted();
      const server = await createServer(accepted.factory, "127.0.0.1", 0);
      const serving = createTask(server.serveForever());
      const peer = await clientOf(server);
      await accepted.until(1);
      server.close();
      await sleep(5);
      expect(serving.done()).toBe(false);
      peer.socket.end();
      expect(await thrownBy(serving)).toBeInstanceOf(CancelledError);
      await peer.until(() => peer.closed);
    }));

  test("that is disposed of has ended its connections", () =>
    nodeProgram(async () => {
      const accepted = new Accepted();
      {
        await using server = await createServer(accepted.factory, "127.0.0.1", 0);
        const peer = await clientOf(server);
        await accepted.until(1);
        peer.socket.end();
      }
      expect(accepted.all[0].heard.log).toEqual(["made", "eof", ["lost", null]]);
    }));

  test.skipIf(!hasIpv6)("says what it is", () =>
    nodeProgram(async () => {
      const server = await createServer(factory, ["127.0.0.1", "::1"], 0, { startServing: false });
      expect(server).toBeInstanceOf(Server);
      const [four, six] = server.sockets;
      const sockets = `sockets=127.0.0.1:${four.port}, [::1]:${six.port}`;
      expect(String(server)).toBe(`<Server bound ${sockets}>`);
      await server.startServing();
      expect(String(server)).toBe(`<Server serving ${sockets}>`);
      server.close();
      expect(String(server)).toBe("<Server closed>");
    }),
  );

  test("that is open when its loop is closed is closed; in debug mode it is a warning", async () => {
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    let port = 0;
    await nodeProgram(
      async () => {
        const server = await createServer(factory, "127.0.0.1", 0);
        [{ port }] = server.sockets;
      },
      { debug: true },
    );
    expect(warned.mock.calls).toEqual([
      [`unclosed server <Server serving sockets=127.0.0.1:${port}>`, "ResourceWarning"],
    ]);
    warned.mockRestore();
    await nodeProgram(async () => {
      expect(await thrownBy(client({ port, host: "127.0.0.1" }))).toMatchObject({ code: "ECONNREFUSED" });
    });
  });
});

describe("createUnixServer", () => {
  const MODE = 0o777;

  test("makes the file as a plain bind does, at paths of any length that the system takes", () =>
    nodeProgram(() =>
      withSocketPath(async (path) => {
        const plain = createNodeServer();
        await new Promise((resolve) => void plain.listen(`${path}.plain`, resolve as () => void));
        const long = path.padEnd(107, "x");
        for (const at of [path, long]) {
          await using server = await createUnixServer(factory, at);
          expect(statSync(at).mode & MODE).toBe(statSync(`${path}.plain`).mode & MODE);
          (await clientOf(server)).socket.destroy();
        }
        plain.close();
        expect([existsSync(path), existsSync(long), readdirSync(dirname(path))]).toEqual([false, false, []]);
      }),
    ));

  test("takes a name of Linux' abstract namespace as it is", () =>
    nodeProgram(async () => {
      const name = `\0tsyncio-${process.pid}`;
      await using server = await createUnixServer(factory, name);
      expect(server.sockets).toEqual([{ address: name, port: 0, family: "Unix" }]);
      (await clientOf(server)).socket.destroy();
      expect(await thrownBy(createUnixServer(factory, name))).toMatchObject({ code: "EADDRINUSE" });
    }));

  test("tells the path that it was given when there is no such folder", () =>
    nodeProgram(async () => {
      const path = "/nowhere/at/all/socket";
      expect(await thrownBy(createUnixServer(factory, path))).toMatchObject({ syscall: "listen", address: path });
    }));

  test("takes the file away when the loop is closed", () =>
    nodeProgram(() =>
      withSocketPath(async (path) => {
        await nodeProgram(async () => {
          await createUnixServer(factory, path);
          expect(existsSync(path)).toBe(true);
        });
        expect(existsSync(path)).toBe(false);
      }),
    ));
});

describe("a program", () => {
  test("serves on a listening socket that it was given as a descriptor", async () => {
    const socket = createNodeServer();
    await new Promise((resolve) => void socket.listen(0, "127.0.0.1", resolve as () => void));
    const { port } = socket.address() as AddressInfo;
    const { child, printed, ended } = startProgram(
      `
      const { coroutine, run, sleep } = tsyncio;
      await run(coroutine(function* () {
        const server = yield* node.createServer(() => new node.Protocol(), null, null, { socket: { fd: 3 } });
        console.log("serving", server.sockets[0].port);
        yield* sleep("1h");
      }));
    `,
      [(socket as any)._handle.fd],
    );
    socket.close();
    await printed(`serving ${port}`);
    const peer = connect(port, "127.0.0.1");
    await once(peer, "connect");
    peer.destroy();
    child.kill("SIGKILL");
    expect((await ended).stdout).toBe(`serving ${port}\n`);
  });

  test("ends when its main does, also when a server and connections are still open", async () => {
    const { ended } = startProgram(`
      const { coroutine, run, sleep } = tsyncio;
      await run(coroutine(function* () {
        const server = yield* node.createServer(() => new node.Protocol(), "127.0.0.1", 0);
        const [transport] = yield* node.createConnection(() => new node.Protocol(), "127.0.0.1", server.sockets[0].port);
        transport.pauseReading();
        transport.write(Buffer.alloc(1 << 26));
        yield* sleep(10);
      }));
      console.log("over");
    `);
    expect(await ended).toEqual({ code: 0, signal: null, stdout: "over\n", stderr: "" });
  });

  test("that waits for a client that may come is alive, and no deadlock", async () => {
    const { child, printed, ended } = startProgram(`
      const { coroutine, run } = tsyncio;
      await run(coroutine(function* () {
        const server = yield* node.createServer(() => new node.Protocol(), "127.0.0.1", 0);
        console.log("serving");
        yield* server.serveForever();
      })).catch((error) => console.log(error.name));
    `);
    await printed("serving");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(child.exitCode).toBe(null);
    child.kill("SIGINT");
    expect(await ended).toEqual({ code: 0, signal: null, stdout: "serving\nKeyboardInterrupt\n", stderr: "" });
  });
});
