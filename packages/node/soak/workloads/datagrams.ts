import { createDatagramEndpoint, DatagramProtocol, type DatagramSocket, openDatagram } from "@tsyncio/node";
import { createTask, Event, moveOnAfter, type Task } from "tsyncio";
import type { Random } from "../../../../conformance/random/random.ts";
import { payload } from "../conversation.ts";
import { check, errorOf, type Kind, type Workload } from "../workload.ts";

/** UDP: sockets that come and go, some where nobody listens. */
export const datagrams: Kind = {
  name: "datagrams",
  tasks: 2,
  async open() {
    return new Datagrams(await openDatagram({ local: { host: "127.0.0.1", port: 0 } }));
  },
};

/** A datagram may be lost, if seldom on loopback. */
const PATIENCE = 1_000;
const LARGEST = 60_000;

class Datagrams implements Workload {
  readonly #server: DatagramSocket;
  readonly #echoing: Task<void>;

  constructor(server: DatagramSocket) {
    this.#server = server;
    this.#echoing = createTask(echo(server));
  }

  async operate(random: Random): Promise<void> {
    const remote = { host: "127.0.0.1", port: this.#server.local.port };
    switch (random.between(0, 5)) {
      case 0:
        return await shoutIntoTheVoid();
      case 1:
        return await talkAsProtocol(remote);
      default:
        return await talk(remote, payload(random).subarray(0, LARGEST));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await this.#echoing;
  }
}

async function echo(server: DatagramSocket): Promise<void> {
  for await (const { data, from } of server) server.send(data, from);
}

async function talk(remote: { host: string; port: number }, data: Buffer): Promise<void> {
  await using socket = await openDatagram({ remote });
  await socket.send(data);
  const answer = await moveOnAfter(PATIENCE, () => socket.receive());
  check(answer.cancelled || data.equals(answer.value.data), "the datagram that comes back");
}

/** Nobody listens there. */
async function shoutIntoTheVoid(): Promise<void> {
  await using socket = await openDatagram({ remote: { host: "127.0.0.1", port: 1 } });
  await socket.send("hello?");
  const { code } = await errorOf(socket.receive());
  check(code === "ECONNREFUSED", `a port without a listener is ${code}`);
}

class Waiting extends DatagramProtocol {
  readonly came = new Event();
  override datagramReceived(): void {
    this.came.set();
  }
}

async function talkAsProtocol(remote: { host: string; port: number }): Promise<void> {
  const [transport, protocol] = await createDatagramEndpoint(() => new Waiting(), { remoteAddress: remote });
  try {
    transport.sendto(Buffer.from("hello"));
    await moveOnAfter(PATIENCE, () => protocol.came.wait());
  } finally {
    transport.close();
  }
}
