import type { Socket } from "node:net";
import { type Coroutine, type Future, getRunningLoop } from "tsyncio";
import { Connection } from "./connection.ts";
import type { Dialing } from "./dial.ts";
import type { WireRequest, WireStatistics } from "./transport.ts";
import { ABORTED, connectError } from "./wire-errors.ts";

/** What somebody gets who has waited: a connection with a place on it, or leave to open one. */
type Grant = Connection | "open";

interface Waiter {
  readonly granted: Future<Grant>;
  readonly request: WireRequest;
  readonly streamed: boolean;
}

/** Options of a pool. */
export interface PoolOptions {
  /** Where the connections lead: that of a proxy, when plain HTTP goes through one. */
  readonly origin: string;
  readonly limit: number;
  /** Whether a connection may turn out to carry many requests: then the first is waited for. */
  readonly multiplexed: boolean;
  readonly open: (request: WireRequest, dialing: Dialing) => Coroutine<Socket>;
}

/**
 * The connections to one server. Who finds none free, and none to be opened, waits in line; who comes later waits behind. The one
 * used last is used first, so that what is not needed ages and is closed.
 */
export class Pool {
  readonly #options: PoolOptions;
  readonly #connections = new Set<Connection>();
  /** Those with room, the one used last at the end. */
  readonly #roomy: Connection[] = [];
  readonly #waiting = new Set<Waiter>();
  readonly #dialing: Dialing = new Set();
  /** Open, or being opened. */
  #sockets = 0;
  #inFlight = 0;
  /** Whether the server takes many requests on one connection; null while nobody knows. */
  #multiplexed: boolean | null;
  #finding = false;
  #aborted = false;
  #emptied: Future<undefined>[] = [];

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#multiplexed = options.multiplexed ? null : false;
  }

  /** A connection with a place on it. */
  *take(request: WireRequest, streamed: boolean): Generator<any, Connection, any> {
    for (;;) {
      if (this.#waiting.size === 0) {
        const connection = this.#take(streamed);
        if (connection !== null) return connection;
        if (this.#mayOpen()) {
          this.#reserve();
          return yield* this.#open(request);
        }
      }
      const grant = yield* this.#wait(request, streamed);
      if (grant === "open") return yield* this.#open(request);
      if (grant.usable) return grant;
      this.leave(grant);
    }
  }

  /** The place on the connection is free again, if there still is a connection. */
  leave(connection: Connection): void {
    connection.inFlight--;
    this.#inFlight--;
    if (this.#waiting.size === 0) return this.#list(connection);
    // Only after this is it known whether the connection stays.
    queueMicrotask(() => {
      this.#list(connection);
      this.#serve();
    });
  }

  /** Whether there is nothing of it: no connection, and nobody who wants one. */
  get idle(): boolean {
    return this.#sockets === 0 && this.#waiting.size === 0;
  }

  statistics(): WireStatistics {
    return Object.freeze({ sockets: this.#sockets, inFlight: this.#inFlight, waiting: this.#waiting.size });
  }

  /** Closes all connections and waits until that is done. Nothing may be on them. */
  *close(): Generator<any, void, any> {
    for (const connection of this.#connections) connection.destroy();
    while (this.#sockets > 0) {
      const emptied = getRunningLoop().createFuture<undefined>();
      this.#emptied.push(emptied);
      yield* emptied;
    }
  }

  /** Closes everything at once: what is under way fails. */
  abort(): void {
    this.#aborted = true;
    for (const { granted, request } of this.#waiting)
      if (!granted.done()) granted.setException(connectError(request, ABORTED));
    this.#waiting.clear();
    for (const attempt of this.#dialing) attempt.destroy(ABORTED);
    for (const connection of this.#connections) connection.destroy(ABORTED);
  }

  #take(streamed: boolean): Connection | null {
    const roomy = this.#roomy;
    for (let i = roomy.length - 1; i >= 0; i--) {
      const connection = roomy[i] as Connection;
      if (!connection.takes(streamed)) {
        if (connection.usable) continue;
        this.#unlist(i);
        continue;
      }
      this.#occupy(connection);
      if (connection.inFlight >= connection.room) this.#unlist(i);
      return connection;
    }
    return null;
  }

  #occupy(connection: Connection): void {
    connection.inFlight++;
    this.#inFlight++;
  }

  #list(connection: Connection): void {
    if (connection.listed || !connection.usable) return;
    connection.listed = true;
    this.#roomy.push(connection);
  }

  #unlist(at: number): void {
    const [connection] = this.#roomy.splice(at, 1);
    (connection as Connection).listed = false;
  }

  #mayOpen(): boolean {
    return this.#sockets < this.#options.limit && !this.#finding;
  }

  #reserve(): void {
    this.#sockets++;
    if (this.#multiplexed === null) this.#finding = true;
  }

  /** A place for a socket is reserved. */
  *#open(request: WireRequest): Generator<any, Connection, any> {
    let socket: Socket | null = null;
    try {
      socket = yield* this.#options.open(request, this.#dialing);
      if (this.#aborted) throw connectError(request, ABORTED);
    } catch (error) {
      socket?.destroy();
      this.#finding = false;
      this.#gone();
      throw error;
    }
    const connection = new Connection(this.#options.origin, socket, (gone) => {
      this.#connections.delete(gone);
      if (gone.listed) this.#unlist(this.#roomy.indexOf(gone));
      this.#gone();
    });
    this.#connections.add(connection);
    this.#finding = false;
    this.#multiplexed ??= connection.room > 1;
    this.#occupy(connection);
    if (connection.inFlight < connection.room) this.#list(connection);
    this.#serve();
    return connection;
  }

  #gone(): void {
    this.#sockets--;
    this.#serve();
    if (this.#sockets > 0) return;
    const emptied = this.#emptied;
    this.#emptied = [];
    for (const future of emptied) if (!future.done()) future.setResult(undefined);
  }

  *#wait(request: WireRequest, streamed: boolean): Generator<any, Grant, any> {
    const waiter: Waiter = { granted: getRunningLoop().createFuture<Grant>(), request, streamed };
    this.#waiting.add(waiter);
    try {
      return yield* waiter.granted;
    } catch (error) {
      this.#waiting.delete(waiter);
      this.#giveBack(waiter.granted);
      throw error;
    }
  }

  /** What was granted in the very moment in which it was given up. */
  #giveBack(granted: Future<Grant>): void {
    if (granted.cancelled() || granted.exception() !== null) return;
    const grant = granted.result();
    if (grant !== "open") return this.leave(grant);
    this.#finding = false;
    this.#gone();
  }

  /** Gives those in line what there is. */
  #serve(): void {
    for (const waiter of this.#waiting) {
      // Cancelled, and its task has not had its step yet.
      if (waiter.granted.done()) continue;
      const connection = this.#take(waiter.streamed);
      if (connection === null) {
        if (!this.#mayOpen()) return;
        this.#reserve();
      }
      this.#waiting.delete(waiter);
      waiter.granted.setResult(connection ?? "open");
    }
  }
}
