import { createConnection, createServer, startTls } from "@tsyncio/node";
import type { Socket } from "node:net";
import { TimeoutError } from "tsyncio";
import { expect, test } from "vitest";
import { Accepted } from "../../../../conformance/cpython/servers/accepting.ts";
import { PeerServer } from "../../../../conformance/cpython/transports/peer.ts";
import { Recorder } from "../../../../conformance/cpython/transports/recorder.ts";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { collectGarbage } from "../../../../test/collect-garbage.ts";
import { ca, identity } from "../../../../test/tls/certificates.ts";

const CLIENT = { tls: { ca }, serverHostname: "localhost" };

/** Waits until everything is garbage that can be. */
async function expectGarbage(kept: readonly WeakRef<object>[]) {
  expect(kept.length).toBeGreaterThan(0);
  await collectGarbage(() => kept.every((one) => one.deref() === undefined));
  expect(kept.filter((one) => one.deref() !== undefined)).toEqual([]);
}

/** What listens to a socket, apart from Node itself and what overlooks late errors. */
const listening = (socket: Socket) => ["data", "readable", "drain"].filter((name) => socket.listenerCount(name) > 0);

test("of a connection with TLS that is over nothing is kept, on either side, while its server goes on", () =>
  nodeProgram(async () => {
    const accepted = new Accepted();
    await using server = await createServer(accepted.factory, "127.0.0.1", 0, { tls: identity() });
    const { port } = server.sockets[0];
    const kept: WeakRef<object>[] = [];
    const talk = async () => {
      const [transport, protocol] = await createConnection(() => new Recorder(), "127.0.0.1", port, CLIENT);
      await accepted.until(1);
      const [served] = accepted.all.splice(0);
      const sockets = [transport, served.transport].map((one) => one.getExtraInfo("sslObject") as Socket);
      served.transport.write(Buffer.from("hello"));
      await protocol.heard.until(() => protocol.heard.received === "hello");
      transport.close();
      await protocol.heard.until(() => protocol.heard.lost);
      await served.heard.until(() => served.heard.lost);
      expect(sockets.map(listening)).toEqual([[], []]);
      for (const one of [transport, protocol, served, served.transport, ...sockets]) kept.push(new WeakRef(one));
    };
    for (let i = 0; i < 5; i++) await talk();
    await expectGarbage(kept);
  }));

test("of a handshake that has failed nothing is kept while the timeout would have gone on", () =>
  nodeProgram(async () => {
    const server = new PeerServer();
    await server.listen({ host: "127.0.0.1" });
    const kept: WeakRef<object>[] = [];
    const fail = async () => {
      const protocol = new Recorder();
      const [plain] = await createConnection(() => protocol, "127.0.0.1", server.port);
      const peer = await server.accept();
      peer.socket.end("garbage, and not TLS");
      kept.push(new WeakRef(protocol), new WeakRef(plain), new WeakRef(plain.getExtraInfo("socket") as object));
      expect(await thrownBy(startTls(plain, protocol, { ca }, CLIENT))).not.toBeInstanceOf(TimeoutError);
      await protocol.heard.until(() => protocol.heard.lost);
      peer.socket.destroy();
    };
    for (let i = 0; i < 5; i++) await fail();
    server.close();
    await expectGarbage(kept);
  }));
