import type { StreamReader, StreamWriter } from "@tsyncio/node";
import { sleep, taskGroup } from "tsyncio";
import { Random } from "../../../conformance/random/random.ts";
import { identity } from "../../../test/tls/certificates.ts";
import { check, Planned } from "./workload.ts";

const noise = Buffer.alloc(1 << 20);
const source = new Random(1);
for (let at = 0; at < noise.length; at++) noise[at] = source.between(0, 255);

/** Bytes in which a lost or misplaced one shows, from one to some hundred thousand. */
export function payload(random: Random): Buffer {
  const size = random.between(1, random.pick([1, 100, 20_000, 400_000]));
  const at = random.between(0, noise.length - size);
  return noise.subarray(at, at + size);
}

/** Of a connection that broke. */
const BROKEN = new Set(["ECONNRESET", "EPIPE", "TSYNCIO_CONNECTION_LOST", "TSYNCIO_INCOMPLETE_READ"]);

export function isBroken(error: unknown): boolean {
  return BROKEN.has((error as NodeJS.ErrnoException | null)?.code ?? "");
}

/** The server's side. Its clients may leave as they like. */
export async function serve(reader: StreamReader, writer: StreamWriter): Promise<void> {
  try {
    await obey(reader, writer);
  } catch (error) {
    if (!isBroken(error)) throw error;
    writer.close();
  }
}

/** A line says what it is to do. */
async function obey(reader: StreamReader, writer: StreamWriter): Promise<void> {
  switch (String(await reader.readline())) {
    case "echo\n":
      await echo(reader, writer);
      break;
    case "leave\n":
      await writer.write(await reader.readexactly(1));
      writer.transport.abort();
      break;
    case "ignore\n":
      await sleep(10);
      break;
    case "fail\n":
      throw new Planned("as it was told");
    case "starttls\n":
      writer.write("go ahead\n");
      await writer.startTls(identity());
      await obey(reader, writer);
      break;
    default:
  }
  writer.close();
  await writer.waitClosed();
}

async function echo(reader: StreamReader, writer: StreamWriter): Promise<void> {
  for (;;) {
    const data = await reader.read(65_536);
    if (data.length === 0) break;
    await writer.write(data);
  }
}

/** The client's side: does something with a connection, and closes it. */
export async function converse(reader: StreamReader, writer: StreamWriter, random: Random): Promise<void> {
  await using _ = writer;
  switch (random.between(0, 5)) {
    case 0:
    case 1:
      return await exchange(reader, writer, payload(random));
    case 2:
      return await exchangeLines(reader, writer, random);
    case 3:
      return writer.canWriteEof() ? await exchangeToTheEnd(reader, writer, payload(random)) : undefined;
    case 4:
      return await provoke(reader, writer, random);
    default:
      writer.transport.abort();
  }
}

async function exchange(reader: StreamReader, writer: StreamWriter, sent: Buffer): Promise<void> {
  writer.write("echo\n");
  // Not awaited: reading is what makes room for it.
  writer.write(sent);
  check(sent.equals(await reader.readexactly(sent.length)), "what an echo gives back");
}

async function exchangeLines(reader: StreamReader, writer: StreamWriter, random: Random): Promise<void> {
  writer.write("echo\n");
  for (let left = random.between(1, 30); left > 0; left--) {
    const line = `${left} ${"x".repeat(random.between(0, 2_000))}\n`;
    await writer.write(line);
    check(String(await reader.readline()) === line, "a line that an echo gives back");
  }
}

async function exchangeToTheEnd(reader: StreamReader, writer: StreamWriter, sent: Buffer): Promise<void> {
  writer.write("echo\n");
  await taskGroup(async (tg) => {
    tg.createTask(pour(writer, sent));
    check(sent.equals(await reader.read()), "what an echo gives back up to the end");
  });
}

/** In pieces, held back by who reads them. */
async function pour(writer: StreamWriter, sent: Buffer): Promise<void> {
  for (let at = 0; at < sent.length; at += 50_000) await writer.write(sent.subarray(at, at + 50_000));
  writer.writeEof();
}

/** Talks to a server that ends the connection. */
async function provoke(reader: StreamReader, writer: StreamWriter, random: Random): Promise<void> {
  try {
    writer.write(random.pick(["leave\n", "ignore\n", "fail\n"]));
    writer.write(payload(random));
    check((await reader.readexactly(2)).length === 0, "a server answers although it was told to leave");
  } catch (error) {
    if (!isBroken(error)) throw error;
  }
}
