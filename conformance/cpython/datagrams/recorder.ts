import { DatagramProtocol, type DatagramTransport, type SocketAddress, createDatagramEndpoint } from "@tsyncio/node";
import { type Coroutine, coroutine } from "tsyncio";
import { Watch } from "../transports/watch.ts";

/** A protocol that notes what it hears of datagrams. */
export class DatagramRecorder extends DatagramProtocol {
  readonly log: unknown[] = [];
  declare transport: DatagramTransport;
  /** Who sent the last one. */
  from: SocketAddress | null = null;
  lost = false;
  readonly #watch = new Watch();

  override connectionMade(transport: DatagramTransport): void {
    this.transport = transport;
    this.#event("made");
  }

  override datagramReceived(data: Uint8Array, from: SocketAddress): void {
    this.from = from;
    this.#event(`data ${String(Buffer.from(data))}`);
  }

  override errorReceived(error: unknown): void {
    this.#event(["error", (error as NodeJS.ErrnoException).code]);
  }

  override connectionLost(error: unknown): void {
    this.lost = true;
    this.#event(["lost", error]);
  }

  #event(event: unknown): void {
    this.log.push(event);
    this.#watch.changed();
  }

  until(condition: () => boolean): Coroutine<void> {
    return this.#watch.until(condition);
  }

  /** Waits until it has heard so much. */
  events(count: number): Coroutine<void> {
    return this.until(() => this.log.length >= count);
  }

  /** The address of its transport. */
  get address(): SocketAddress {
    return this.transport.getExtraInfo("sockname") as SocketAddress;
  }
}

type Endpoint = readonly [transport: DatagramTransport, protocol: DatagramRecorder];

const LOOPBACK = { host: "127.0.0.1" };

/** One that is bound to loopback, and talks to any. */
export const bound = (): Coroutine<Endpoint> =>
  createDatagramEndpoint(() => new DatagramRecorder(), { localAddress: LOOPBACK });

/** One that is connected. */
export const connected = ({ address, port }: SocketAddress): Coroutine<Endpoint> =>
  createDatagramEndpoint(() => new DatagramRecorder(), { remoteAddress: { host: address, port } });

/** An address of loopback at which nobody listens. */
export const deaf: () => Coroutine<SocketAddress> = coroutine(function* () {
  const [transport, protocol] = yield* bound();
  const { address } = protocol;
  transport.close();
  yield* protocol.until(() => protocol.lost);
  return address;
});
