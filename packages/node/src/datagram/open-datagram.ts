import { type Coroutine, coroutine, getRunningLoop } from "tsyncio";
import type { HostPort } from "../connect/create-connection.ts";
import { type DatagramOptions, createDatagramEndpoint } from "../connect/create-datagram-endpoint.ts";
import type { DatagramSocketTransport } from "../transport/datagram-transport.ts";
import { DatagramInbox, DatagramSocket } from "./datagram-socket.ts";

/** Options of `openDatagram`. */
export interface OpenDatagramOptions extends DatagramOptions {
  /** What it is bound to. Without a host: every address of this machine; without a port: the system chooses one. */
  readonly local?: HostPort;
  /** What it is connected to: everything goes there, and comes from there. Default: it talks to any. */
  readonly remote?: HostPort;
  /** How many datagrams may wait to be received. Default: 1024. */
  readonly maxQueue?: number;
}

const MAX_QUEUE = 1024;

/**
 * Opens a UDP socket.
 *
 * **When cancelled**: the socket is closed.
 *
 * @throws Node's error (`code` "EADDRINUSE", "ENOTFOUND", …): of several addresses, that of the first.
 * @throws {AddressError} when no local address has the family of a remote one.
 * @throws {RangeError} for a port that is none, and unless `maxQueue` is an integer >= 1.
 * @example
 * ```ts
 * import { openDatagram } from "@tsyncio/node";
 * import { createTask, run } from "tsyncio";
 * async function main() {
 *   await using server = await openDatagram({ local: { host: "127.0.0.1" } });
 *   createTask((async () => {
 *     for await (const { data, from } of server) await server.send(`you said ${data}`, from);
 *   })());
 *   await using client = await openDatagram({ remote: { host: "127.0.0.1", port: server.local.port } });
 *   await client.send("hello");
 *   const { data } = await client.receive();
 *   console.log(String(data));
 * }
 * await run(main()); // → you said hello
 * ```
 */
export function openDatagram(options: OpenDatagramOptions = {}): Coroutine<DatagramSocket> {
  const { local, remote, maxQueue = MAX_QUEUE, ...others } = options;
  if (!Number.isInteger(maxQueue) || maxQueue < 1)
    throw new RangeError(`Cannot open datagram socket: maxQueue must be an integer >= 1, received ${String(maxQueue)}`);
  const localAddress = local ?? (remote === undefined ? {} : undefined);
  const inbox = (): DatagramInbox => new DatagramInbox(maxQueue, getRunningLoop());
  return opening(createDatagramEndpoint(inbox, { ...others, localAddress, remoteAddress: remote }));
}

const opening = coroutine(function* openDatagram(creating: ReturnType<typeof createDatagramEndpoint<DatagramInbox>>) {
  const [transport, inbox] = yield* creating;
  return new DatagramSocket(transport as DatagramSocketTransport, inbox);
});
