import { type Coroutine, coroutine } from "tsyncio";
import { StreamReader, type StreamReaderOptions } from "@tsyncio/node";

export const bytes = (text: string): Buffer => Buffer.from(text);

/** Feeds text, in these pieces. */
export function feed(reader: StreamReader, ...pieces: string[]): void {
  for (const piece of pieces) reader.feedData(bytes(piece));
}

/** A reader that was fed text, in these pieces. */
export function fed(pieces: readonly string[], options?: StreamReaderOptions): StreamReader {
  const reader = new StreamReader(options);
  feed(reader, ...pieces);
  return reader;
}

/** Everything that the reader still holds. It ends there. */
export const rest: (reader: StreamReader) => Coroutine<string> = coroutine(function* (reader: StreamReader) {
  reader.feedEof();
  return String(yield* reader.read());
});

/** How many bytes the reader says that it holds. */
export function held(reader: StreamReader): number {
  return Number(/(\d+) bytes/.exec(String(reader))?.[1] ?? 0);
}
