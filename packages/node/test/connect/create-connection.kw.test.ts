import { Protocol, type Transport, createConnection } from "@tsyncio/node";
import { type LookupFunction, Socket } from "node:net";
import { CancelledError, createTask, sleep } from "tsyncio";
import { describe, expect, expectTypeOf, test, vi } from "vitest";
import { closedPort, knows } from "../../../../conformance/cpython/connections/ports.ts";
import { PeerServer } from "../../../../conformance/cpython/transports/peer.ts";
import { Recorder } from "../../../../conformance/cpython/transports/recorder.ts";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";

/** Connections to these addresses are never made, as to a host that drops what comes. */
function silent(addresses: readonly string[]) {
  const original = Socket.prototype.connect;
  const sockets: { readonly address: string; readonly socket: Socket; readonly at: number }[] = [];
  const spy = vi.spyOn(Socket.prototype, "connect").mockImplementation(function (this: Socket, ...args: any[]) {
    const address: string = args[0].host;
    sockets.push({ address, socket: this, at: performance.now() });
    return addresses.includes(address) ? this : original.apply(this, args as never);
  });
  return { sockets, [Symbol.dispose]: () => spy.mockRestore() };
}

describe("happy eyeballs", () => {
  const lookup = knows({ name: ["::9", "::8", "127.0.0.1"] });

  test("the next address is tried when one is slow, the families taking turns; what is slow is given up", () =>
    nodeProgram(async () => {
      using network = silent(["::9"]);
      const server = new PeerServer();
      await server.listen({ host: "127.0.0.1" });
      const options = { lookup, happyEyeballsDelay: 60 };
      const [transport] = await createConnection(() => new Recorder(), "name", server.port, options);
      const { sockets } = network;
      expect(sockets.map(({ address }) => address)).toEqual(["::9", "127.0.0.1"]);
      expect(sockets[1].at - sockets[0].at).toBeGreaterThan(30);
      expect(sockets.map(({ socket }) => socket.destroyed)).toEqual([true, false]);
      expect(transport.getExtraInfo("socket")).toBe(sockets[1].socket);
      transport.close();
      (await server.accept()).socket.destroy();
      server.close();
    }));

  test("is how names with several addresses are connected to, unless it is turned off", () =>
    nodeProgram(async () => {
      using network = silent(["::9", "::8"]);
      const server = new PeerServer();
      await server.listen({ host: "127.0.0.1" });
      const [transport] = await createConnection(() => new Recorder(), "name", server.port, { lookup });
      expect(network.sockets.map(({ address }) => address)).toEqual(["::9", "127.0.0.1"]);
      expect(network.sockets[1].at - network.sockets[0].at).toBeGreaterThan(240);
      transport.close();
      (await server.accept()).socket.destroy();
      server.close();

      network.sockets.length = 0;
      const options = { lookup, happyEyeballsDelay: null };
      const task = createTask(createConnection(() => new Recorder(), "name", 80, options));
      await sleep(300);
      expect(network.sockets.map(({ address }) => address)).toEqual(["::9"]);
      task.cancel();
      expect(await thrownBy(task)).toBeInstanceOf(CancelledError);
      expect(network.sockets[0].socket.destroyed).toBe(true);
    }));

  test("an attempt that fails makes the next one start at once", () =>
    nodeProgram(async () => {
      using network = silent([]);
      const server = new PeerServer();
      await server.listen({ host: "127.0.0.1" });
      const names = knows({ name: ["127.0.0.2", "127.0.0.3", "127.0.0.1"] });
      const options = { lookup: names, happyEyeballsDelay: "10s" } as const;
      const [transport] = await createConnection(() => new Recorder(), "name", server.port, options);
      expect(network.sockets.map(({ address }) => address)).toEqual(["127.0.0.2", "127.0.0.3", "127.0.0.1"]);
      expect(network.sockets.map(({ socket }) => socket.destroyed)).toEqual([true, true, false]);
      transport.close();
      (await server.accept()).socket.destroy();
      server.close();
    }));

  test("of two that are connected in the same moment one is taken, and the other closed", () =>
    nodeProgram(async () => {
      using network = silent(["127.0.0.1", "127.0.0.2"]);
      const names = knows({ name: ["127.0.0.1", "127.0.0.2"] });
      const options = { lookup: names, happyEyeballsDelay: 5 };
      const task = createTask(createConnection(() => new Recorder(), "name", 80, options));
      while (network.sockets.length < 2) await sleep(1);
      for (const { socket } of network.sockets) socket.emit("connect");
      const [transport] = await task;
      expect(network.sockets.map(({ socket }) => socket.destroyed)).toEqual([false, true]);
      expect(transport.getExtraInfo("socket")).toBe(network.sockets[0].socket);
      transport.close();
      await sleep(0);
      expect(network.sockets.map(({ socket }) => socket.destroyed)).toEqual([true, true]);
    }));
});

test("cancelled at any point it leaves nothing behind", () =>
  nodeProgram(async ({ loop }) => {
    const server = new PeerServer();
    await server.listen({ host: "127.0.0.1" });
    const lookup = knows({ name: ["127.0.0.2", "127.0.0.1"] });
    /** Cancels after so many turns of Node and then so many iterations; gives false when that was too late. */
    const cancelled = async (happyEyeballsDelay: number | null, turns: number, iterations: number) => {
      const recorder = new Recorder();
      const options = { lookup, happyEyeballsDelay, family: 4 } as const;
      const task = createTask(createConnection(() => recorder, "name", server.port, options));
      for (let n = 0; n < turns; n++) await new Promise(setImmediate);
      for (let n = 0; n < iterations; n++) await sleep(0);
      const inTime = task.cancel();
      const outcome = await Promise.resolve(task).then(
        ([transport]) => transport.abort(),
        (error: unknown) => error,
      );
      await sleep(0);
      // A protocol that has heard of its connection hears of the end.
      return [inTime, inTime === outcome instanceof CancelledError, recorder.heard.log, loop.resources.size];
    };
    for (const delay of [null, 0, 250]) {
      let turns = 0;
      for (let inTime = true; inTime; turns++) {
        for (let iterations = 0; iterations < 5; iterations++) {
          const result = await cancelled(delay, turns, iterations);
          const log = result[2] as unknown[];
          inTime = result[0] as boolean;
          expect(result).toEqual([inTime, true, log.length === 0 ? [] : ["made", ["lost", null]], 0]);
        }
      }
      expect(turns).toBeGreaterThan(1);
    }
    server.close();
  }));

test("cancelled while the name is being resolved it does not wait for the answer", () =>
  nodeProgram(async () => {
    const never: LookupFunction = () => {};
    const task = createTask(createConnection(() => new Recorder(), "name", 80, { lookup: never }));
    await sleep(1);
    task.cancel();
    expect(await thrownBy(task)).toBeInstanceOf(CancelledError);
  }));

test("a factory that fails closes the socket", () =>
  nodeProgram(async () => {
    const server = new PeerServer();
    await server.listen({ host: "127.0.0.1" });
    const error = new RangeError("no protocol");
    const failing = () => {
      throw error;
    };
    expect(await thrownBy(createConnection(failing, "127.0.0.1", server.port))).toBe(error);
    const peer = await server.accept();
    await peer.until(() => peer.closed || peer.ended);
    peer.socket.destroy();
    server.close();
  }));

test("an error of connectionMade is reported, and the connection is there all the same", () =>
  nodeProgram(async ({ heard }) => {
    class Failing extends Recorder {
      override connectionMade(transport: Transport) {
        super.connectionMade(transport);
        throw new RangeError("at the start");
      }
    }
    const server = new PeerServer();
    await server.listen({ host: "127.0.0.1" });
    const [transport, protocol] = await createConnection(() => new Failing(), "127.0.0.1", server.port);
    expect(heard.splice(0).map(({ message }) => message)).toEqual(["Exception in callback connectionMade()"]);
    (await server.accept()).socket.end("data");
    await protocol.heard.until(() => protocol.heard.lost);
    expect(protocol.heard.log).toEqual(["made", "data data", "eof", ["lost", null]]);
    expect(transport.isClosing()).toBe(true);
    server.close();
  }));

test("options that are wrong are told at the call", () =>
  nodeProgram(async () => {
    const factory = () => new Recorder();
    expect(() => createConnection(factory, "127.0.0.1", 70_000)).toThrow(RangeError);
    expect(() => createConnection(factory, "127.0.0.1", 80, { localAddress: { port: -1 } })).toThrow(RangeError);
    expect(() => createConnection(factory, "127.0.0.1", 80, { happyEyeballsDelay: "soon" as never })).toThrow(
      TypeError,
    );
  }));

test("the protocol has the type that the factory gives", () => {
  class Own extends Protocol {
    readonly own = 1;
  }
  const call = () => createConnection(() => new Own(), "127.0.0.1", 80);
  expectTypeOf<Awaited<ReturnType<typeof call>>>().toEqualTypeOf<readonly [Transport, Own]>();
});

test("without a host it connects to this machine", () =>
  nodeProgram(async () => {
    const port = await closedPort();
    const server = new PeerServer();
    await server.listen({ host: "127.0.0.1", port });
    const [transport] = await createConnection(() => new Recorder(), null, port);
    expect(transport.getExtraInfo("peername")).toEqual({ address: "127.0.0.1", port, family: "IPv4" });
    transport.close();
    (await server.accept()).socket.destroy();
    server.close();
  }));
