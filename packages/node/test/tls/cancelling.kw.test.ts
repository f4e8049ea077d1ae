import { type Transport, connectAcceptedSocket, createConnection, openConnection, startTls } from "@tsyncio/node";
import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer as createPlainServer } from "node:net";
import { type Awaitable, CancelledError, type Task, createTask, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { secureClient, secureServer } from "../../../../conformance/cpython/tls/bare.ts";
import { Recorder } from "../../../../conformance/cpython/transports/recorder.ts";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { ca, identity } from "../../../../test/tls/certificates.ts";
import { TlsPeer } from "../../../../test/tls/tls-peer.ts";

const CLIENT = { tls: { ca }, serverHostname: "localhost" };

/** A turn of the host: sockets get on with it. */
function turn() {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Cancels a task after so many steps: iterations, and a turn of the host each fourth time. Gives whether it was in time. */
async function cancelled(working: Task<unknown>, steps: number) {
  for (let i = 0; i < steps && !working.done(); i++) await (i % 4 === 3 ? turn() : sleep(0));
  return working.cancel();
}

/**
 * Does over and over what `prepare` gives, each time cancelled a step later, until it is done before. What a protocol hears is
 * nothing, or of its connection and the end of it.
 */
async function cancelEverywhere(prepare: (recorder: Recorder) => Awaitable<() => Awaitable<Transport>>) {
  let recorder = new Recorder();
  let working = createTask((await prepare(recorder))());
  // After none it would not have begun: then an accepted socket would still be the caller's.
  let steps = 1;
  for (; await cancelled(working, steps); steps++) {
    expect(await thrownBy(working)).toBeInstanceOf(CancelledError);
    const { heard } = recorder;
    if (heard.log.length > 0) await heard.until(() => heard.lost);
    expect([[], ["made", ["lost", null]]]).toContainEqual(heard.log);
    recorder = new Recorder();
    working = createTask((await prepare(recorder))());
  }
  const { heard } = recorder;
  const transport = await working;
  expect(heard.log).toEqual(["made"]);
  transport.abort();
  await heard.until(() => heard.lost);
  // A handshake takes a turn of the host at least; how many more is up to the machine.
  expect(steps).toBeGreaterThan(3);
}

/** A server of Node for as many clients as come. */
async function withPlainServer(serve: (socket: Socket) => unknown, use: (port: number) => PromiseLike<void>) {
  const server = createPlainServer({ pauseOnConnect: true }, (socket) => {
    socket.on("error", () => {});
    serve(socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  await use((server.address() as AddressInfo).port);
  server.close();
}

/** Encrypts each connection as the server, as far as the client goes along. */
function encrypt(socket: Socket) {
  void secureServer(socket).then(
    (secured) => secured.on("error", () => {}).resume(),
    () => {},
  );
}

describe("cancelled at any time, nothing is left of", () => {
  test("createConnection()", () =>
    nodeProgram(async () => {
      await using peer = await TlsPeer.listening((socket) => void socket.resume());
      await cancelEverywhere(async (recorder) => async () => {
        const [transport] = await createConnection(() => recorder, "localhost", peer.port, CLIENT);
        return transport;
      });
    }));

  test("connectAcceptedSocket()", () =>
    nodeProgram(async () => {
      const waiting: Socket[] = [];
      await withPlainServer(
        (socket) => waiting.push(socket),
        (port) =>
          cancelEverywhere(async (recorder) => {
            void secureClient(connect(port, "127.0.0.1")).then(
              (secured) => secured.on("error", () => {}).resume(),
              () => {},
            );
            while (waiting.length === 0) await turn();
            const socket = waiting.pop() as Socket;
            return async () => {
              const [transport] = await connectAcceptedSocket(() => recorder, socket, { tls: identity() });
              return transport;
            };
          }),
      );
    }));

  test("startTls()", () =>
    nodeProgram(() =>
      withPlainServer(encrypt, (port) =>
        cancelEverywhere(async (recorder) => async () => {
          const [plain] = await createConnection(() => recorder, "127.0.0.1", port);
          try {
            return await startTls(plain, recorder, { ca }, { serverHostname: "localhost" });
          } finally {
            expect(plain.isClosing()).toBe(true);
          }
        }),
      ),
    ));

  test("openConnection(), whose writer is closed", () =>
    nodeProgram(async () => {
      await using peer = await TlsPeer.listening((socket) => void socket.resume());
      const talk = async () => {
        const [reader, writer] = await openConnection("127.0.0.1", peer.port, CLIENT);
        await using _ = writer;
        await writer.write("x".repeat(1 << 20));
        writer.close();
        await writer.waitClosed();
        expect(reader.atEof()).toBe(true);
      };
      let steps = 0;
      for (let talking = createTask(talk()); await cancelled(talking, steps); talking = createTask(talk())) {
        expect(await thrownBy(talking)).toBeInstanceOf(CancelledError);
        steps++;
      }
      // A handshake takes a turn of the host at least; how many more is up to the machine.
      expect(steps).toBeGreaterThan(3);
      while (peer.clients.size > 0) await turn();
    }));
});

test("a client that is cancelled by its own connectionMade() is connected and lost", () =>
  nodeProgram(async () => {
    await using peer = await TlsPeer.listening((socket) => void socket.resume());
    let connecting: Task<unknown> | null = null;
    class Leaving extends Recorder {
      override connectionMade(transport: Transport) {
        super.connectionMade(transport);
        connecting?.cancel();
      }
    }
    const leaving = new Leaving();
    connecting = createTask(createConnection(() => leaving, "127.0.0.1", peer.port, CLIENT));
    expect(await thrownBy(connecting)).toBeInstanceOf(CancelledError);
    await leaving.heard.until(() => leaving.heard.lost);
    expect(leaving.heard.log).toEqual(["made", ["lost", null]]);
  }));
