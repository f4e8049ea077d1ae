import { type Server, createServer, createUnixServer } from "@tsyncio/node";
import { CancelledError, type Task, createTask, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { Recorder } from "../transports/recorder.ts";
import { clientOf } from "./clients.ts";
import { withSocketPath } from "./socket-path.ts";

const HELLO = `${"1".repeat(1024 * 5)}\n`;

/** A server that ends its program when it has heard everything. */
class Ending extends Recorder {
  readonly #end: () => void;
  constructor(end: () => void) {
    super();
    this.#end = end;
  }
  override dataReceived(data: Uint8Array) {
    super.dataReceived(data);
    if (this.heard.received !== HELLO) return;
    this.#end();
    this.transport.write(Buffer.from("1"));
    this.transport.close();
  }
}

/** A client is served by a server that is cancelled meanwhile, and that is gone afterwards. */
async function expectServed(
  create: (end: () => void) => PromiseLike<Server>,
  main: (server: Server) => PromiseLike<void>,
) {
  let serving: Task<void> | null = null;
  const server = await create(() => void serving?.cancel());
  expect(server.isServing()).toBe(false);
  expect(server.sockets.length).toBe(1);
  // A client that comes too early waits.
  const peer = await clientOf(server);
  peer.socket.write(HELLO);
  await sleep(5);
  expect(peer.received).toBe("");

  serving = createTask(main(server));
  await peer.until(() => peer.ended);
  expect(peer.received).toBe("1");
  expect(await thrownBy(serving)).toBeInstanceOf(CancelledError);
  expect([server.sockets, server.isServing()]).toEqual([[], false]);
  const again = await thrownBy(server.serveForever());
  expect(again).toMatchObject({ code: "TSYNCIO_RUNTIME", message: "Cannot serve forever: the server is closed" });
}

test("test_server.py::BaseStartServer.test_start_server_1: serveForever() accepts clients until it is cancelled, then the server is closed and its connections have ended", () =>
  nodeProgram(() =>
    expectServed(
      (end) => createServer(() => new Ending(end), "127.0.0.1", 0, { startServing: false }),
      async (server) => {
        await using _ = server;
        await server.serveForever();
      },
    ),
  ));

test("test_server.py::SelectorStartServerTests.test_start_unix_server_1: startServing() begins to accept clients on a Unix socket, before serveForever()", () =>
  nodeProgram(() =>
    withSocketPath(async (path) => {
      await expectServed(
        (end) => createUnixServer(() => new Ending(end), path, { startServing: false }),
        async (server) => {
          await using _ = server;
          expect(server.isServing()).toBe(false);
          await server.startServing();
          expect(server.isServing()).toBe(true);
          const second = createTask(server.serveForever());
          await sleep(0);
          expect(await thrownBy(server.serveForever())).toMatchObject({
            code: "TSYNCIO_RUNTIME",
            message: "Cannot serve forever: serveForever() is being awaited already",
          });
          await second;
        },
      );
    }),
  ));
