import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Server } from "@tsyncio/node";
import { coroutine } from "tsyncio";
import { vi } from "vitest";
import { Peer as BareServer } from "../../../../conformance/cpython/streams/peer.ts";
import { Peer } from "../../../../conformance/cpython/transports/peer.ts";

// Much is sent, and a busy machine takes its time for that.
vi.setConfig({ testTimeout: 20_000 });

/** A client of bare node:net, which the test has misbehave. It ends no half by itself. */
export class BadPeer extends Peer implements Disposable {
  /** Connects to a server. */
  static readonly to = coroutine(function* connectTo({ sockets: [{ port }] }: Server) {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    yield once(socket, "connect");
    return new BadPeer(socket);
  });

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** Writes, and waits until the system has taken it. */
export async function written(socket: Socket, data: string | Uint8Array): Promise<void> {
  "native async";
  if (!socket.write(data)) await once(socket, "drain");
}

/** Sends byte by byte, in packets of their own. */
export async function drip(socket: Socket, data: string | Uint8Array): Promise<void> {
  "native async";
  socket.setNoDelay(true);
  for (const byte of Buffer.from(data)) {
    if (socket.destroyed) return;
    await written(socket, Uint8Array.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A server that hands on to another port what comes, and back what that answers, byte by byte. */
export function dripping(port: number): Promise<BareServer> {
  return BareServer.listening((client) => {
    const server = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    void handOn(client, server);
    void handOn(server, client);
  });
}

async function handOn(from: Socket, to: Socket): Promise<void> {
  "native async";
  for await (const data of from) await drip(to, data as Buffer);
  to.end();
}
