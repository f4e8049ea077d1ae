// A crowd of tasks that give way for ever, beside an echo server and a timer: node crowd.ts <tasks> <µs of work>
// Prints the port of the server; and when its client has gone, by how many milliseconds each ring of the timer was late.
import { type StreamReader, type StreamWriter, startServer } from "@tsyncio/node";
import { createTask, run, sleep } from "tsyncio";

const [tasks, work] = process.argv.slice(2).map(Number) as [number, number];
const INTERVAL = 10;

function workFor(microseconds: number): void {
  const end = performance.now() + microseconds / 1_000;
  while (performance.now() < end);
}

async function giveWayForEver(): Promise<never> {
  for (;;) {
    if (work > 0) workFor(work);
    await sleep(0);
  }
}

let clientIsThere = true;

async function echo(reader: StreamReader, writer: StreamWriter): Promise<void> {
  for (;;) {
    const data = await reader.read(1_024);
    if (data.length === 0) break;
    await writer.write(data);
  }
  writer.close();
  clientIsThere = false;
}

async function lateness(): Promise<number[]> {
  const late: number[] = [];
  while (clientIsThere) {
    const due = performance.now() + INTERVAL;
    await sleep(INTERVAL);
    late.push(performance.now() - due);
  }
  return late;
}

async function main(): Promise<void> {
  const server = await startServer(echo, "127.0.0.1", 0);
  for (let i = 0; i < tasks; i++) createTask(giveWayForEver());
  console.log(server.sockets[0].port);
  console.log(JSON.stringify(await lateness()));
}

await run(main);
process.exit();
