import { Protocol, type Transport, createServer } from "@tsyncio/node";
import { run } from "tsyncio";

class Echo extends Protocol {
  #transport!: Transport;

  override connectionMade(transport: Transport) {
    this.#transport = transport;
  }

  override dataReceived(data: Uint8Array) {
    this.#transport.write(data);
  }
}

export async function serve(listening: (port: number) => void) {
  await run(async () => {
    const server = await createServer(() => new Echo(), "127.0.0.1", 0);
    listening(server.sockets[0].port);
    await server.serveForever();
  });
}
