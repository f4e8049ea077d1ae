import type { Server } from "@tsyncio/node";
import { connect } from "node:net";
import { type Coroutine, Future, coroutine } from "tsyncio";
import { Peer } from "../transports/peer.ts";

/** A bare client of Node, connected. @throws Node's error. */
export const client: (
  to: { readonly port: number; readonly host?: string } | { readonly path: string },
) => Coroutine<Peer> = coroutine(function* client(to: object) {
  const socket = connect(to as { port: number });
  const connected = new Future<undefined>();
  const onConnect = (): void => connected.setResult(undefined);
  const onError = (error: Error): void => connected.setException(error);
  socket.once("connect", onConnect).once("error", onError);
  yield* connected;
  socket.off("error", onError);
  return new Peer(socket);
});

/** A client of the first socket of a server. */
export function clientOf(server: Server): Coroutine<Peer> {
  const [{ address, port, family }] = server.sockets;
  return client(family === "Unix" ? { path: address } : { port, host: address });
}
