import { type StreamReader, openConnection } from "@tsyncio/node";
import { TimeoutError, mapConcurrent, moveOnAfter, timeout } from "tsyncio";

/** Connections that are tried at a time. */
const AT_ONCE = 256;

/** A port on which somebody listens, and the first line that it said by itself. */
export interface OpenPort {
  readonly port: number;
  readonly banner: string;
}

/** The open ports, in their order, as they are found. */
export async function* scan(address: string, first: number, last: number): AsyncGenerator<OpenPort> {
  const ports = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  for await (const found of mapConcurrent(ports, (port) => probe(address, port), { limit: AT_ONCE }))
    if (found !== null) yield found;
}

async function probe(address: string, port: number): Promise<OpenPort | null> {
  try {
    const [reader, writer] = await timeout("1s", async () => await openConnection(address, port));
    try {
      return { port, banner: await greeting(reader) };
    } finally {
      writer.transport.abort();
    }
  } catch (error) {
    // Nobody there, or nobody who answers.
    if (error instanceof TimeoutError || (error as { code?: string }).code !== undefined) return null;
    throw error;
  }
}

/** Some say who they are as soon as somebody comes. */
async function greeting(reader: StreamReader): Promise<string> {
  const said = await moveOnAfter("100ms", async () => await reader.read(200));
  const [line] = String(said.value ?? "").split(/[\r\n]/, 1);
  return line.replaceAll(/[^\x20-\x7e]/g, ".");
}
