import { type DatagramSocket, ConnectionLostError, openDatagram } from "@tsyncio/node";
import type { Socket } from "node:dgram";
import { CancelledError, createTask, gather, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { startProgram } from "../start-program.ts";

const LOOPBACK = { host: "127.0.0.1" };
const bound = (options = {}) => openDatagram({ local: LOOPBACK, ...options });
const connectedTo = (server: DatagramSocket) =>
  openDatagram({ remote: { host: "127.0.0.1", port: server.local.port } });
const text = (datagram: { readonly data: Buffer }) => String(datagram.data);

/** Waits until so many have come. */
async function arrived(socket: DatagramSocket, count: number) {
  while (socket.statistics().received < count) await sleep(1);
}

describe("send and receive", () => {
  test("datagrams go to and fro, as bytes or text, between any and one", () =>
    nodeProgram(async () => {
      await using server = await bound();
      await using client = await connectedTo(server);
      expect([server.remote, client.remote, client.local.address]).toEqual([null, server.local, "127.0.0.1"]);
      await client.send("grüß");
      const question = await server.receive();
      expect([text(question), question.from]).toEqual(["grüß", client.local]);
      await server.send(new Uint8Array([1, 2]), question.from);
      expect(await client.receive()).toEqual({ data: Buffer.from([1, 2]), from: server.local });
      expect(String(client)).toBe(
        `<DatagramSocket transport=<DatagramSocketTransport open local=127.0.0.1:${client.local.port} remote=127.0.0.1:${server.local.port}>>`,
      );
    }));

  test("without any address the system chooses one, of the family that is asked for", () =>
    nodeProgram(async () => {
      await using any = await openDatagram();
      await using six = await openDatagram({ family: 6 });
      expect([any.local, six.local]).toEqual([
        { address: "0.0.0.0", port: expect.any(Number), family: "IPv4" },
        { address: "::", port: expect.any(Number), family: "IPv6" },
      ]);
      await using receiver = await bound();
      await any.send("hello", receiver.local);
      expect(text(await receiver.receive())).toBe("hello");
    }));

  test("a name is resolved, also for a single datagram", () =>
    nodeProgram(async () => {
      await using server = await bound();
      await using client = await openDatagram({ remote: { host: "localhost", port: server.local.port }, family: 4 });
      await client.send("connected");
      await using other = await bound();
      await other.send("once", { address: "localhost", port: server.local.port });
      expect([text(await server.receive()), text(await server.receive())]).toEqual(["connected", "once"]);
    }));

  test("need not be awaited to be sent, and come in their order", () =>
    nodeProgram(async () => {
      await using server = await bound();
      await using client = await connectedTo(server);
      const numbers = Array.from({ length: 100 }, (_, n) => String(n));
      for (const number of numbers) void client.send(number);
      const came: string[] = [];
      for await (const datagram of server) if (came.push(text(datagram)) === numbers.length) break;
      expect(came).toEqual(numbers);
    }));

  test("give datagrams to tasks in the order in which these asked", () =>
    nodeProgram(async () => {
      await using server = await bound();
      const tasks = Array.from({ length: 3 }, () => createTask(server.receive()));
      await sleep(0);
      await using client = await connectedTo(server);
      for (const data of ["a", "b", "c"]) await client.send(data);
      expect((await gather(tasks)).map(text)).toEqual(["a", "b", "c"]);
    }));

  test("cancelled while it waits, and in the moment in which one comes, receive() loses none", () =>
    nodeProgram(async () => {
      await using server = await bound();
      await using client = await connectedTo(server);
      const early = createTask(server.receive());
      await sleep(0);
      early.cancel();
      expect(await thrownBy(early)).toBeInstanceOf(CancelledError);
      const late = createTask(server.receive());
      await sleep(0);
      (server.transport.getExtraInfo("socket") as Socket).once("message", () => late.cancel());
      await client.send("kept");
      expect(await thrownBy(late)).toBeInstanceOf(CancelledError);
      expect(text(await server.receive())).toBe("kept");
    }));

  test("a send whose wait is cancelled is sent all the same", () =>
    nodeProgram(async () => {
      await using server = await bound();
      await using client = await connectedTo(server);
      const sending = createTask((async () => await client.send("sent"))());
      await sleep(0);
      sending.cancel();
      await sending.catch(() => {});
      expect(text(await server.receive())).toBe("sent");
    }));
});

describe("errors", () => {
  test("of a datagram are thrown to who awaits its sending", () =>
    nodeProgram(async () => {
      await using socket = await bound();
      const to = socket.local;
      expect(await thrownBy(socket.send(Buffer.alloc(70_000), to))).toMatchObject({ code: "EMSGSIZE" });
      expect(await thrownBy(socket.send("x", { address: "no.such.name.invalid", port: 9 }))).toMatchObject({
        code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
      });
      void socket.send(Buffer.alloc(70_000), to);
      await sleep(5);
      await socket.send("still open", to);
      expect(text(await socket.receive())).toBe("still open");
    }));

  test("of an earlier one are thrown by receive(), once, when its socket is connected", () =>
    nodeProgram(async () => {
      const server = await bound();
      await using client = await connectedTo(server);
      await server[Symbol.asyncDispose]();
      await client.send("anybody there?");
      expect(await thrownBy(client.receive())).toMatchObject({ code: "ECONNREFUSED", syscall: "recvmsg" });
      await using again = await openDatagram({
        local: client.remote === null ? {} : { host: "127.0.0.1", port: client.remote.port },
      });
      await again.send("I am", client.local);
      expect(text(await client.receive())).toBe("I am");
    }));

  test("of arguments are thrown at the call", () =>
    nodeProgram(async () => {
      expect(() => openDatagram({ maxQueue: 0 })).toThrow(
        new RangeError("Cannot open datagram socket: maxQueue must be an integer >= 1, received 0"),
      );
      expect(() => openDatagram({ local: { port: 65_536 } })).toThrow(RangeError);
      await using socket = await bound();
      expect(() => socket.send("x")).toThrow(
        new RangeError("Cannot send: no address is given, and the transport is not connected"),
      );
      expect(() => socket.send("x", { address: "127.0.0.1", port: 0 })).toThrow(
        new RangeError("Cannot send to 127.0.0.1: port must be an integer from 1 to 65535, received 0"),
      );
      expect(() => socket.send(1 as never, socket.local)).toThrow(TypeError);
    }));
});

describe("the queue", () => {
  test("drops what comes while it is full, and counts it", () =>
    nodeProgram(async () => {
      await using server = await bound({ maxQueue: 3 });
      await using client = await connectedTo(server);
      for (let n = 0; n < 5; n++) await client.send(String(n));
      await arrived(server, 5);
      expect(server.statistics()).toEqual({ received: 5, dropped: 2, queued: 3 });
      expect(text(await server.receive())).toBe("0");
      await client.send("5");
      await arrived(server, 6);
      const rest = [await server.receive(), await server.receive(), await server.receive()];
      expect([rest.map(text), server.statistics()]).toEqual([["1", "2", "5"], { received: 6, dropped: 2, queued: 0 }]);
    }));
});

describe("closing", () => {
  test("gives what has come, then ends loops, and receive() throws", () =>
    nodeProgram(async ({ loop }) => {
      const server = await bound();
      await using client = await connectedTo(server);
      await client.send("before");
      await arrived(server, 1);
      server.close();
      await server.waitClosed();
      await server.waitClosed();
      const came: string[] = [];
      for await (const datagram of server) came.push(text(datagram));
      expect(came).toEqual(["before"]);
      expect(await thrownBy(server.receive())).toEqual(new ConnectionLostError("Cannot receive: the socket is closed"));
      expect(() => server.send("x", client.local)).toThrow(
        new ConnectionLostError("Cannot send: the socket is closed"),
      );
      expect(loop.resources.size).toBe(1);
    }));

  test("tells tasks that wait", () =>
    nodeProgram(async ({ log }) => {
      const server = await bound();
      const looping = createTask(
        (async () => {
          for await (const _ of server) log.push("a datagram");
          return "ended";
        })(),
      );
      const receiving = createTask(server.receive());
      await sleep(0);
      await server[Symbol.asyncDispose]();
      expect([await looping, log]).toEqual(["ended", []]);
      expect(await thrownBy(receiving)).toBeInstanceOf(ConnectionLostError);
    }));

  test("sends first what was to be sent, to a name too", () =>
    nodeProgram(async () => {
      await using server = await bound();
      const client = await bound();
      void client.send("last words", { address: "localhost", port: server.local.port });
      client.close();
      expect(text(await server.receive())).toBe("last words");
      await client.waitClosed();
    }));

  test("opening that is cancelled at any point leaves no socket", () =>
    nodeProgram(async ({ loop }) => {
      await using server = await bound();
      for (const options of [{ local: LOOPBACK }, { remote: { host: "localhost", port: server.local.port } }]) {
        let turns = 0;
        for (let inTime = true; inTime; turns++) {
          for (let iterations = 0; iterations < 4; iterations++) {
            const task = createTask(openDatagram(options));
            for (let n = 0; n < turns; n++) await new Promise(setImmediate);
            for (let n = 0; n < iterations; n++) await sleep(0);
            inTime = task.cancel();
            const outcome: unknown = await Promise.resolve(task).then(
              (socket) => socket[Symbol.asyncDispose](),
              (error: unknown) => error,
            );
            await sleep(0);
            expect([inTime, loop.resources.size]).toEqual([outcome instanceof CancelledError, 1]);
          }
        }
        expect(turns).toBeGreaterThan(0);
      }
    }));

  test("is not forgotten by run: a socket that is open at its end holds nothing", async () => {
    const { ended } = startProgram(`
      const { coroutine, createTask, run } = tsyncio;
      await run(coroutine(function* main() {
        const socket = yield* node.openDatagram();
        createTask(socket.receive());
        console.log("open");
      }));
    `);
    expect(await ended).toMatchObject({ code: 0, stdout: "open\n", stderr: "" });
  });
});
