import { type AsyncGenerator, asyncGenerator, give } from "tsyncio";
import { Chunks } from "../message/chunks.ts";
import { EventDecoder } from "./event-decoder.ts";
import type { ServerSentEvent } from "./server-sent-event.ts";

/** Options of `parseEvents`. */
export interface ParseEventsOptions {
  /** How many characters an event may have, with the names of its fields. Default: 1 Mi (1,048,576). */
  readonly maxEventSize?: number;
}

const DEFAULT_MAX_EVENT_SIZE = 1024 * 1024;

/**
 * The server-sent events in the body of one answer, in the order in which they come: each as soon as the blank line that ends
 * it is there. What the body ends in the middle of is no event. For an answer that is to go on over broken connections, see
 * `client.events`.
 *
 * The body is read as events are taken from here, a chunk at a time. Leaving the loop closes it.
 *
 * **When cancelled**: the body is closed, which ends its connection, and the iteration is over. Events that were not taken are lost.
 *
 * @throws {EventTooLargeError} when an event is longer than `maxEventSize`. Those before it have been given.
 * @throws {TypeError} at the call for what cannot be iterated.
 * @throws {RangeError} at the call for a size that is no integer of at least 1.
 * @throws what the body throws.
 * @example
 * ```ts
 * import { run } from "tsyncio";
 * import { parseEvents } from "@tsyncio/http";
 * async function* body() {
 *   yield Buffer.from('data: {"token":"Hel');
 *   yield Buffer.from('lo"}\n\nevent: end\ndata: [DONE]\n\n');
 * }
 * async function main() {
 *   for await (const { type, data } of parseEvents(body())) console.log(type, data);
 * }
 * await run(main()); // → message {"token":"Hello"}
 * // → end [DONE]
 * ```
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function parseEvents(
  body: AsyncIterable<Uint8Array>,
  options: ParseEventsOptions = {},
): AsyncGenerator<ServerSentEvent, void> {
  if (typeof (body as Partial<typeof body> | null | undefined)?.[Symbol.asyncIterator] !== "function")
    throw new TypeError(`Cannot parse events of ${String(body)}: expected an async iterable of bytes`);
  return parsing(body, new EventDecoder(checkedMaxEventSize(options.maxEventSize), ""));
}

export function checkedMaxEventSize(size: number = DEFAULT_MAX_EVENT_SIZE): number {
  if (!Number.isInteger(size) || size < 1)
    throw new RangeError(`Cannot read events: maxEventSize must be an integer >= 1, received ${String(size)}`);
  return size;
}

const parsing = asyncGenerator<[AsyncIterable<Uint8Array>, EventDecoder], ServerSentEvent, void>(
  function* parseEvents(body, decoder) {
    const chunks = new Chunks(body);
    try {
      for (;;) {
        const chunk: Uint8Array | null = yield* chunks.next();
        if (chunk === null) return;
        for (const { event } of decoder.decode(chunk)) if (event !== null) yield* give(event);
      }
    } finally {
      yield* chunks.close();
    }
  },
);
