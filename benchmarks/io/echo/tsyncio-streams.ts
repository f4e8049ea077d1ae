import { startServer, type StreamReader, type StreamWriter } from "@tsyncio/node";
import { run } from "tsyncio";

async function echo(reader: StreamReader, writer: StreamWriter) {
  for (;;) {
    const data = await reader.read(65_536);
    if (data.length === 0) break;
    await writer.write(data);
  }
  writer.close();
}

export async function serve(listening: (port: number) => void) {
  await run(async () => {
    const server = await startServer(echo, "127.0.0.1", 0);
    listening(server.sockets[0].port);
    await server.serveForever();
  });
}
