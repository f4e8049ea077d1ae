// A chat room: tsyncio run src/chat/main.ts [port] [host]. Clients are nc, telnet, or anything that sends lines.
import { signals, startServer } from "@tsyncio/node";
import { moveOnAfter, run } from "tsyncio";
import { Room } from "./room.ts";
import { session } from "./session.ts";

const [port = "7777", host = "127.0.0.1"] = process.argv.slice(2);

async function main(): Promise<void> {
  const room = new Room();
  await using server = await startServer((reader, writer) => session(room, reader, writer), host, Number(port), {
    limit: 4096,
  });
  const [{ address, port: chosen }] = server.sockets;
  console.log(`the room is open: nc ${address} ${chosen}`);
  for await (const _ of signals("SIGINT", "SIGTERM")) break;
  server.close();
  room.close();
  // Those who read what is said at the end are gone by themselves then.
  await moveOnAfter("1s", async () => await server.waitClosed());
  server.abortClients();
  console.log("the room is closed");
}

await run(main());
