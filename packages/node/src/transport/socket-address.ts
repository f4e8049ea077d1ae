import type { Socket } from "node:net";
import type { SocketAddress } from "./protocol.ts";

/** What `getExtraInfo("sockname")` gives for a TCP socket; null for another kind. */
export function localAddress(socket: Socket): SocketAddress | null {
  return made(socket.localAddress, socket.localPort, socket.localFamily);
}

/** What `getExtraInfo("peername")` gives for a TCP socket; null for another kind. */
export function peerAddress(socket: Socket): SocketAddress | null {
  return made(socket.remoteAddress, socket.remotePort, socket.remoteFamily);
}

function made(address: string | undefined, port: number | undefined, family: string | undefined): SocketAddress | null {
  if (address === undefined || port === undefined) return null;
  return { address, port, family: family === "IPv6" ? "IPv6" : "IPv4" };
}
