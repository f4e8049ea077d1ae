import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createConnection,
  openConnection,
  openUnixConnection,
  Protocol,
  type Server,
  type StreamWriter,
  startServer,
  startUnixServer,
  type Transport,
} from "@tsyncio/node";
import { Event, sleep } from "tsyncio";
import type { Random } from "../../../../conformance/random/random.ts";
import { converse, payload, serve } from "../conversation.ts";
import { check, errorOf, type Kind, type Workload } from "../workload.ts";

/** TCP and Unix sockets: connections that end in every way, servers that come and go, transports and protocols. */
export const streams: Kind = {
  name: "streams",
  tasks: 6,
  async open() {
    const folder = mkdtempSync(join(tmpdir(), "tsyncio-soak-"));
    const path = join(folder, "socket");
    return new Streams(await startServer(serve, "127.0.0.1", 0), await startUnixServer(serve, path), folder);
  },
};

class Streams implements Workload {
  readonly #tcp: Server;
  readonly #unix: Server;
  readonly #folder: string;

  constructor(tcp: Server, unix: Server, folder: string) {
    this.#tcp = tcp;
    this.#unix = unix;
    this.#folder = folder;
  }

  async operate(random: Random): Promise<void> {
    const { port } = this.#tcp.sockets[0];
    switch (random.between(0, 9)) {
      case 0:
      case 1:
      case 2:
        return await converse(...(await openUnixConnection(join(this.#folder, "socket"))), random);
      case 3:
        return await beRefused();
      case 4:
        return await serveAWhile(random);
      case 5:
        return await talkAsProtocol(port, random);
      default:
        return await converse(...(await openConnection("127.0.0.1", port)), random);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of [this.#tcp, this.#unix]) {
      server.close();
      await server.waitClosed();
    }
    rmSync(this.#folder, { recursive: true });
  }
}

/** Connects to where nobody listens. */
async function beRefused(): Promise<void> {
  const { code } = await errorOf(openConnection("127.0.0.1", 1));
  check(code === "ECONNREFUSED", `a closed port is refused with ${code}`);
}

/** A server with a few clients, which ends in one of its ways. */
async function serveAWhile(random: Random): Promise<void> {
  const server = await startServer(serve, "127.0.0.1", 0);
  const clients: StreamWriter[] = [];
  try {
    for (let count = random.between(0, 3); count > 0; count--) {
      const [, writer] = await openConnection("127.0.0.1", server.sockets[0].port);
      clients.push(writer);
      writer.write("echo\n");
      if (random.chance(0.5)) writer.writeEof();
    }
    await sleep(random.next() * 3);
    server.close();
    if (random.chance(0.5)) server.closeClients();
    else server.abortClients();
    await server.waitClosed();
  } finally {
    server.close();
    for (const client of clients) client.close();
  }
}

/** Counts what comes back, and pauses now and then. */
class Counting extends Protocol {
  readonly lost = new Event();
  error: unknown = null;
  missing: number;
  #transport: Transport | null = null;

  constructor(expected: number) {
    super();
    this.missing = expected;
  }

  override connectionMade(transport: Transport): void {
    this.#transport = transport;
  }

  override dataReceived(data: Uint8Array): void {
    this.missing -= data.length;
    if (this.missing === 0) this.#transport?.close();
    else if (this.missing % 3 === 0) {
      this.#transport?.pauseReading();
      setImmediate(() => this.#transport?.resumeReading());
    }
  }

  override connectionLost(error: unknown): void {
    this.error = error;
    this.lost.set();
  }
}

async function talkAsProtocol(port: number, random: Random): Promise<void> {
  const sent = payload(random);
  const [transport, protocol] = await createConnection(() => new Counting(sent.length), "127.0.0.1", port);
  try {
    transport.writelines([Buffer.from("echo\n"), sent]);
    await protocol.lost.wait();
  } finally {
    transport.abort();
  }
  check(protocol.error === null, `the connection is lost by ${String(protocol.error)}`);
  check(protocol.missing === 0, `${protocol.missing} bytes do not come back`);
}
