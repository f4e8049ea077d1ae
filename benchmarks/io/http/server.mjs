// A server that answers every GET with 1 KiB, and does as little else as it can.
import { createServer } from "node:net";

const SIZE = 1024;
const ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${SIZE}\r\nconnection: keep-alive\r\n` +
    `keep-alive: timeout=60\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n${"x".repeat(SIZE)}`,
);

/** Gives its origin and the function that ends it. */
export function listen() {
  const sockets = new Set();
  const server = createServer({ noDelay: true }, (socket) => {
    let begun = "";
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
    socket.on("data", (data) => {
      begun += data.latin1Slice();
      let end;
      while ((end = begun.indexOf("\r\n\r\n")) >= 0) {
        begun = begun.slice(end + 4);
        socket.write(ANSWER);
      }
    });
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const end = () => {
        server.close();
        for (const socket of sockets) socket.destroy();
      };
      resolve({ origin: `http://127.0.0.1:${server.address().port}`, end });
    });
  });
}
