import { type Server, type StreamReader, type StreamWriter, openConnection } from "@tsyncio/node";
import { type Coroutine, coroutine } from "tsyncio";

/** What these servers do with a client: they answer each line. */
export const answerLines: (reader: StreamReader, writer: StreamWriter) => Coroutine<void> = coroutine(
  function* answerLines(reader: StreamReader, writer: StreamWriter) {
    for (;;) {
      const line = yield* reader.readline();
      if (line.length === 0) break;
      yield writer.write(`you said ${line}`);
    }
    writer.close();
  },
);

/** A client that behaves: gives the answer to a line. */
export const ask: (server: Server, line: string) => Coroutine<string> = coroutine(function* ask(
  { sockets: [{ port }] }: Server,
  line: string,
) {
  const [reader, writer] = yield* openConnection("127.0.0.1", port);
  try {
    writer.write(`${line}\n`);
    return String(yield* reader.readline()).trimEnd();
  } finally {
    writer.close();
  }
});
