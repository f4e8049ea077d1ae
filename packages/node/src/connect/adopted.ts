import type { Socket } from "node:net";
import { RuntimeError } from "tsyncio";
import { builtin } from "../builtin.ts";

/** The connected socket that a caller hands over. */
export function adopted(socket: Socket, what: string): Socket {
  if (!(socket instanceof builtin("net").Socket))
    throw new TypeError(`Cannot ${what}: expected a connected net.Socket, received ${String(socket)}`);
  if (socket.destroyed || socket.pending)
    throw new RuntimeError(
      `Cannot ${what}: the socket is ${socket.destroyed ? "destroyed" : "not connected"}; pass one that is connected`,
    );
  return socket;
}
