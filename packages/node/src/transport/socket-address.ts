import type { Socket } from "node:net";
import type { SocketAddress } from "./protocol.ts";

/** What `getExtraInfo("sockname")` gives; null for what has no address. */
export function localAddress(socket: Socket): SocketAddress | null {
  return ipAddress(socket.localAddress, socket.localPort, socket.localFamily);
}

/** What `getExtraInfo("peername")` gives; null for what has no address. */
export function peerAddress(socket: Socket): SocketAddress | null {
  return ipAddress(socket.remoteAddress, socket.remotePort, socket.remoteFamily);
}

function ipAddress(
  address: string | undefined,
  port: number | undefined,
  family: string | undefined,
): SocketAddress | null {
  if (address === undefined || port === undefined) return null;
  return { address, port, family: family === "IPv6" ? "IPv6" : "IPv4" };
}

/** The address of a Unix socket. */
export function unixAddress(path: string): SocketAddress {
  return { address: path, port: 0, family: "Unix" };
}

/** As it stands in messages: 127.0.0.1:80, [::1]:80, /run/socket. */
export function addressText({ address, port, family }: SocketAddress): string {
  if (family === "Unix") return address === "" ? "an unnamed Unix socket" : address;
  return family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;
}
