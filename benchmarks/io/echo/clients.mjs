// Clients of an echo server: each sends a message, waits until it is back whole, and sends the next.
import { once } from "node:events";
import { connect } from "node:net";

const SIZE = 1024;

/** Connects `count` clients; gives the function that has each of them send `messages` messages, and the one that ends them. */
export async function clients(port, count) {
  const message = Buffer.alloc(SIZE, "x");
  const sockets = Array.from({ length: count }, () => connect({ port, host: "127.0.0.1", noDelay: true }));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));

  const exchange = (socket, messages) =>
    new Promise((resolve, reject) => {
      let due = SIZE;
      let left = messages;
      const onData = (data) => {
        due -= data.length;
        if (due > 0) return;
        if (due < 0) return reject(new Error("Cannot measure: the server sent more than it was sent"));
        due = SIZE;
        if (--left > 0) return socket.write(message);
        socket.off("data", onData);
        resolve();
      };
      socket.on("data", onData);
      socket.write(message);
    });
  return {
    exchangeAll: (messages) => Promise.all(sockets.map((socket) => exchange(socket, messages))),
    end: () => sockets.forEach((socket) => socket.destroy()),
  };
}
