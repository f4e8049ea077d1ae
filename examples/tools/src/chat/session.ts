import { ConnectionLostError, LimitOverrunError, type StreamReader, type StreamWriter } from "@tsyncio/node";
import { ExceptionGroup, type Queue, TimeoutError, currentTask, taskGroup, timeout } from "tsyncio";
import type { Member, Room } from "./room.ts";

/** Serves one client, from its name to its end. */
export async function session(room: Room, reader: StreamReader, writer: StreamWriter): Promise<void> {
  try {
    const name = await timeout("1m", async () => await askName(room, reader, writer));
    if (name !== null) await chat(room, name, reader, writer);
    writer.close();
  } catch (error) {
    // A peer that does not read would keep what is buffered for it for ever.
    writer.transport.abort();
    if (!isOrdinaryEnd(error)) throw error;
  }
}

/** Hung up, silent for too long, or talking in lines without an end: nothing to report. */
function isOrdinaryEnd(error: unknown): boolean {
  if (error instanceof ExceptionGroup) return error.errors.every(isOrdinaryEnd);
  if (error instanceof TimeoutError || (error as Error).cause instanceof LimitOverrunError) return true;
  return error instanceof ConnectionLostError || ["ECONNRESET", "EPIPE"].includes((error as { code: string }).code);
}

async function askName(room: Room, reader: StreamReader, writer: StreamWriter): Promise<string | null> {
  await writer.write("your name? ");
  for await (const line of reader) {
    const name = String(line).trim();
    const refusal = room.refusal(name);
    if (refusal === null) return name;
    await writer.write(`${refusal}; your name? `);
  }
  return null;
}

async function chat(room: Room, name: string, reader: StreamReader, writer: StreamWriter): Promise<void> {
  const member = room.join(name, currentTask()!);
  try {
    await writer.write(`* here: ${room.names.join(", ")}; /who tells, /quit ends\n`);
    await taskGroup(async (tg) => {
      const listening = tg.createTask(listen(room, member, reader));
      await send(member.outbox, writer);
      // The room has closed, or the member has left.
      listening.cancel();
    });
  } finally {
    room.leave(member);
  }
}

async function send(outbox: Queue<string>, writer: StreamWriter): Promise<void> {
  for await (const line of outbox) await writer.write(line);
}

async function listen(room: Room, member: Member, reader: StreamReader): Promise<void> {
  for await (const bytes of reader) {
    const line = String(bytes).trim();
    if (line === "/quit") break;
    if (line === "/who") member.outbox.putNowait(`* here: ${room.names.join(", ")}\n`);
    else if (line !== "") room.say(`${member.name}: ${line}`, member);
  }
  room.leave(member);
}
