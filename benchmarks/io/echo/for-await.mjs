import { once } from "node:events";
import { createServer } from "node:net";

async function echo(socket) {
  for await (const data of socket) if (!socket.write(data)) await once(socket, "drain");
  socket.end();
}

export function serve(listening) {
  const server = createServer({ noDelay: true }, (socket) => echo(socket).catch(() => {}));
  server.listen(0, "127.0.0.1", () => listening(server.address().port));
}
