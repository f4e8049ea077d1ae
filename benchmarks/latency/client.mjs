// Asks an echo server again and again, with a pause in between: node client.mjs <port> <seconds>
// Prints how many milliseconds each answer took.
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const [port, seconds] = process.argv.slice(2).map(Number);
const MESSAGE = Buffer.alloc(64, "x");

const socket = connect({ port, host: "127.0.0.1", noDelay: true });
await once(socket, "connect");

async function ask() {
  const asked = performance.now();
  socket.write(MESSAGE);
  for (let length = 0; length < MESSAGE.length;) {
    const [data] = await once(socket, "data");
    length += data.length;
  }
  return performance.now() - asked;
}

// Until the server has a task for the connection.
await ask();
const took = [];
for (const end = performance.now() + seconds * 1_000; performance.now() < end;) {
  // So that the questions come at every moment of the server's turns.
  await pause(1 + Math.random() * 4);
  took.push(await ask());
}
console.log(JSON.stringify(took));
socket.destroy();
