import { openConnection, type Server, startServer } from "@tsyncio/node";
import type { Random } from "../../../../conformance/random/random.ts";
import { ca, identity } from "../../../../test/tls/certificates.ts";
import { converse, isBroken, payload, serve } from "../conversation.ts";
import { check, errorOf, type Kind, type Workload } from "../workload.ts";

/** TLS from the start, and from later on; certificates that are not trusted; peers that speak no TLS. */
export const tls: Kind = {
  name: "tls",
  tasks: 3,
  async open() {
    return new Tls(
      await startServer(serve, "127.0.0.1", 0, { tls: identity() }),
      await startServer(serve, "127.0.0.1", 0),
    );
  },
};

class Tls implements Workload {
  readonly #secure: Server;
  readonly #plain: Server;

  constructor(secure: Server, plain: Server) {
    this.#secure = secure;
    this.#plain = plain;
  }

  async operate(random: Random): Promise<void> {
    const { port } = this.#secure.sockets[0];
    switch (random.between(0, 6)) {
      case 0:
        return await distrust(port);
      case 1:
        return await babble(port, random);
      case 2:
      case 3:
        return await upgrade(this.#plain.sockets[0].port, random);
      default: {
        const streams = await openConnection("127.0.0.1", port, { tls: { ca }, serverHostname: "localhost" });
        return await converse(...streams, random);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of [this.#secure, this.#plain]) {
      server.close();
      await server.waitClosed();
    }
  }
}

/** Does not know who signed the certificate. */
async function distrust(port: number): Promise<void> {
  const { code } = await errorOf(openConnection("127.0.0.1", port, { tls: true, serverHostname: "localhost" }));
  check(code === "UNABLE_TO_VERIFY_LEAF_SIGNATURE", `a certificate that nobody knows is refused with ${code}`);
}

/** Sends what is no TLS. */
async function babble(port: number, random: Random): Promise<void> {
  const [reader, writer] = await openConnection("127.0.0.1", port);
  await using _ = writer;
  try {
    writer.write(payload(random));
    writer.writeEof();
    await reader.read();
  } catch (error) {
    if (!isBroken(error)) throw error;
  }
}

/** Begins in plain text. */
async function upgrade(port: number, random: Random): Promise<void> {
  const [reader, writer] = await openConnection("127.0.0.1", port);
  try {
    writer.write("starttls\n");
    check(String(await reader.readline()) === "go ahead\n", "the answer to starttls");
    await writer.startTls({ ca }, { serverHostname: "localhost" });
    await converse(reader, writer, random);
  } finally {
    writer.close();
  }
}
