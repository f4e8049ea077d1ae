import { AbstractServer, createServer } from "@tsyncio/node";
import { RuntimeError, createTask, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { fill } from "../transports/peer.ts";
import { Recorder } from "../transports/recorder.ts";
import { Accepted } from "./accepting.ts";
import { client, clientOf } from "./clients.ts";

const ID = "test_server.py::TestServer2";
const ABSTRACT = "test_events.py::TestAbstractServer";
const factory = () => new Recorder();

class Bare extends AbstractServer {}

function expectMissing(method: string, call: () => unknown) {
  expect(call).toThrow(RuntimeError);
  expect(call).toThrow(`Cannot call ${method}(): Bare does not implement it`);
}

test(`${ABSTRACT}.test_close: a server of another kind has to implement close()`, () => {
  expectMissing("close", () => new Bare().close());
  expectMissing("closeClients", () => new Bare().closeClients());
  expectMissing("abortClients", () => new Bare().abortClients());
});

test(`${ABSTRACT}.test_wait_closed: a server of another kind has to implement waitClosed()`, () => {
  expectMissing("waitClosed", () => new Bare().waitClosed());
  expectMissing("serveForever", () => new Bare().serveForever());
  expectMissing("startServing", () => new Bare().startServing());
});

test(`${ABSTRACT}.test_get_loop: a server of another kind has to implement getLoop()`, () => {
  expectMissing("getLoop", () => new Bare().getLoop());
  expectMissing("isServing", () => new Bare().isServing());
});

test("test_events.py::TestServer.test_get_loop: a server tells its loop, also when it is closed", () =>
  nodeProgram(async ({ loop }) => {
    const server = await createServer(factory, "127.0.0.1", 0);
    expect(server.getLoop()).toBe(loop);
    server.close();
    await server.waitClosed();
    expect(server.getLoop()).toBe(loop);
  }));

test("test_events.py::EventLoopTestsMixin.test_server_close: a server that is closed is not connected to any more", () =>
  nodeProgram(async () => {
    const server = await createServer(factory, "127.0.0.1", 0);
    const [{ port }] = server.sockets;
    const peer = await clientOf(server);
    peer.socket.end("xxx");
    await peer.until(() => peer.closed);
    server.close();
    expect([server.sockets, server.isServing()]).toEqual([[], false]);
    expect(await thrownBy(client({ port, host: "127.0.0.1" }))).toMatchObject({ code: "ECONNREFUSED" });
    server.close();
    await server.waitClosed();
  }));

/** A server with one client, whose connection ends when the client ends it. */
async function withClient() {
  const accepted = new Accepted();
  const server = await createServer(accepted.factory, "127.0.0.1", 0);
  const waiting = createTask(server.waitClosed());
  await sleep(0);
  expect(waiting.done()).toBe(false);
  const peer = await clientOf(server);
  await accepted.until(1);
  return { server, peer, waiting, transport: accepted.all[0].transport };
}

test(`${ID}.test_wait_closed_basic: waitClosed() waits until the server is closed and its last connection has ended`, () =>
  nodeProgram(async () => {
    const { server, peer, waiting } = await withClient();
    const second = createTask(server.waitClosed());
    await sleep(0);
    server.close();
    await sleep(0);
    const third = createTask(server.waitClosed());
    await sleep(0);
    expect([waiting.done(), second.done(), third.done()]).toEqual([false, false, false]);

    peer.socket.end();
    await waiting;
    await second;
    await third;
    const { iterations } = server.getLoop().statistics();
    await server.waitClosed();
    expect(server.getLoop().statistics().iterations).toBe(iterations);
    await peer.until(() => peer.closed);
  }));

test(`${ID}.test_wait_closed_race: the server may be closed in the moment in which its last connection ends`, () =>
  nodeProgram(async ({ loop }) => {
    for (const order of ["server first", "connection first"]) {
      const { server, peer, waiting, transport } = await withClient();
      const closes = [() => server.close(), () => transport.close()];
      for (const close of order === "server first" ? closes : closes.reverse()) loop.callSoon(close);
      await server.waitClosed();
      await sleep(0);
      expect(waiting.done()).toBe(true);
      peer.socket.destroy();
    }
  }));

test(`${ID}.test_close_clients: closeClients() ends every connection in order`, () =>
  nodeProgram(async () => {
    const { server, peer, waiting } = await withClient();
    server.close();
    server.closeClients();
    await sleep(0);
    await sleep(0);
    expect(waiting.done()).toBe(true);
    await peer.until(() => peer.ended);
  }));

test(`${ID}.test_abort_clients: abortClients() ends every connection at once, with what it had to send`, () =>
  nodeProgram(async () => {
    const { server, peer, waiting, transport } = await withClient();
    peer.socket.pause();
    const written = fill(transport);
    expect(transport.getWriteBufferSize()).toBeGreaterThan(0);
    server.close();
    server.closeClients();
    await sleep(0);
    await sleep(0);
    expect(waiting.done()).toBe(false);

    server.abortClients();
    await sleep(0);
    await sleep(0);
    expect(waiting.done()).toBe(true);
    peer.socket.resume();
    await peer.until(() => peer.closed || peer.ended);
    expect(peer.received.length).toBeLessThan(written);
  }));
