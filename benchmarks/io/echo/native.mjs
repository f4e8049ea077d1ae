import { createServer } from "node:net";

export function serve(listening) {
  const server = createServer({ noDelay: true }, (socket) => socket.on("data", (data) => socket.write(data)));
  server.listen(0, "127.0.0.1", () => listening(server.address().port));
}
