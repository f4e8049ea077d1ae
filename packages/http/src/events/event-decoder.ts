import { type EventSourceMessage, createParser } from "eventsource-parser";
import { EventTooLargeError } from "./event-errors.ts";
import { LineEndings } from "./line-endings.ts";
import { ServerSentEvent } from "./server-sent-event.ts";

/** What a block of lines brings: an event, or only an id for the events to come. */
export interface Arrival {
  readonly event: ServerSentEvent | null;
  /** The last event id, from here on. */
  readonly id: string;
}

const ID_LINE = /^id(?:$|: ?)/;

/**
 * Bytes of an event stream in, events out. The parser is given whole blocks, up to and with the blank line that ends
 * them: so an event is bounded, given as soon as its last byte is there, and an id that comes without data is seen too.
 */
export class EventDecoder {
  readonly #maxEventSize: number;
  /** Strips a byte order mark at the beginning. */
  readonly #text = new TextDecoder();
  readonly #lines = new LineEndings();
  readonly #parser;
  #message: EventSourceMessage | null = null;
  /** Pieces of the block that has not ended. */
  #pieces: string[] = [];
  #size = 0;
  #id: string;
  /** How long the server wants to be left alone before a new connection, in milliseconds; null while it has not said. */
  retry: number | null = null;

  constructor(maxEventSize: number, lastEventId: string) {
    this.#maxEventSize = maxEventSize;
    this.#id = lastEventId;
    this.#parser = createParser({
      onEvent: (message) => void (this.#message = message),
      onRetry: (ms) => void (this.retry = ms),
    });
  }

  /**
   * What `chunk` completes.
   *
   * @throws {EventTooLargeError}
   */
  *decode(chunk: Uint8Array): Generator<Arrival, void> {
    const text = this.#lines.normalised(this.#text.decode(chunk, { stream: true }));
    let start = 0;
    let end = this.#endOfBlock(text, 0);
    while (end !== -1) {
      this.#keep(text.slice(start, end));
      const arrival = this.#block();
      if (arrival !== null) yield arrival;
      start = end;
      end = this.#endOfBlock(text, start);
    }
    this.#keep(text.slice(start));
  }

  /** The stream is over. An event that has not ended is none, but its lines may have told when to come back. */
  end(): void {
    const rest = this.#pieces.join("");
    this.#parser.feed(rest.slice(0, rest.lastIndexOf("\n") + 1));
    this.#parser.reset();
  }

  /** Where what begins at `start` ends: a block with its blank line, or a comment before a block; -1 when it has not ended. */
  #endOfBlock(text: string, start: number): number {
    const isNew = start > 0 || this.#pieces.length === 0;
    if (isNew && text[start] === ":") return text.indexOf("\n", start) + 1 || -1;
    if ((isNew || this.#pieces.at(-1)!.endsWith("\n")) && text[start] === "\n") return start + 1;
    const blank = text.indexOf("\n\n", start);
    return blank === -1 ? -1 : blank + 2;
  }

  #keep(piece: string): void {
    if (piece === "") return;
    this.#size += piece.length;
    if (this.#size > this.#maxEventSize) throw new EventTooLargeError(this.#maxEventSize);
    this.#pieces.push(piece);
  }

  #block(): Arrival | null {
    const block = this.#pieces.join("");
    this.#pieces = [];
    this.#size = 0;
    this.#message = null;
    this.#parser.feed(block);
    const message = this.#message as EventSourceMessage | null;
    if (message !== null) {
      this.#id = message.id ?? this.#id;
      return { event: new ServerSentEvent(message.event ?? "message", message.data, this.#id), id: this.#id };
    }
    const id = lastId(block);
    if (id === null) return null;
    this.#id = id;
    return { event: null, id };
  }
}

/** What the last `id` line of a block without data says; the parser tells only those of events. */
function lastId(block: string): string | null {
  const ids = block
    .split("\n")
    .filter((line) => ID_LINE.test(line) && !line.includes("\0"))
    .map((line) => line.replace(ID_LINE, ""));
  return ids.at(-1) ?? null;
}
