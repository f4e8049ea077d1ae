import { type AsyncGenerator, CancelledError, createTask, run, sleep } from "tsyncio";
import {
  EventDataError,
  EventTooLargeError,
  type ParseEventsOptions,
  type ServerSentEvent,
  type ServerSentEvents,
  parseEvents,
} from "@tsyncio/http";
import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { errorOf } from "../../../../conformance/program.ts";

type Piece = string | Uint8Array;

async function* body(pieces: readonly Piece[]) {
  for (const piece of pieces) yield Buffer.from(piece);
}

/** The events of a body that comes in these pieces: type, data, id. */
const eventsOf = (pieces: readonly Piece[], options?: ParseEventsOptions) =>
  run(async () => {
    const events: [type: string, data: string, id: string][] = [];
    for await (const { type, data, id } of parseEvents(body(pieces), options)) events.push([type, data, id]);
    return events;
  });

const STREAM = [
  ": a comment",
  "data: one",
  "",
  "event: update",
  "data: two",
  "data:  two, indented",
  "id: 2",
  "data",
  "",
  "retry: 10",
  "",
  "unknown: field",
  "data:three é 😀",
  "",
  ": before",
  "id: 7",
  "",
  ":",
  "data: after an id without data",
  ": within",
  "id: with\0null",
  "",
  "event: nothing",
  "",
  "data:",
  "id",
  "",
  "",
  "data: \u2028id: 9",
  "",
  "id: 10",
  "data: never ended",
];
const EVENTS = [
  ["message", "one", ""],
  ["update", "two\n two, indented\n", "2"],
  ["message", "three é 😀", "2"],
  ["message", "after an id without data", "7"],
  ["message", "", ""],
  ["message", "\u2028id: 9", ""],
];

const BOM = "\uFEFF";
const ENDINGS = { LF: "\n", CR: "\r", CRLF: "\r\n" };

describe.each(Object.entries(ENDINGS))("a stream whose lines end with %s", (_, ending) => {
  const bytes = Buffer.from(BOM + STREAM.join(ending));

  test("gives its events when it comes in one piece", async () => {
    expect(await eventsOf([bytes])).toEqual(EVENTS);
  });

  test("gives the same when it comes one byte at a time", async () => {
    expect(await eventsOf(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(EVENTS);
  });

  test("gives the same when it comes in two pieces, wherever it is cut", async () => {
    for (let cut = 0; cut <= bytes.length; cut++)
      expect(await eventsOf([bytes.subarray(0, cut), bytes.subarray(cut)]), `cut at ${cut}`).toEqual(EVENTS);
  });
});

test("any mixture of line ends gives the same events, however it is cut", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...Object.values(ENDINGS)), { minLength: STREAM.length, maxLength: STREAM.length }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
      async (endings, sizes) => {
        // "\r" + "" + "\n" would be one line end, and not two.
        const chosen = endings.map((ending, i) => (endings[i - 1] === "\r" && ending === "\n" ? "\r\n" : ending));
        const bytes = Buffer.from(STREAM.map((line, i) => line + chosen[i]).join(""));
        const pieces: Uint8Array[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++)
          pieces.push(bytes.subarray(at, (at += sizes[i % sizes.length]!)));
        expect(await eventsOf(pieces)).toEqual(EVENTS);
      },
    ),
  ));

test("an event is there as soon as its blank line is, also when that is a CR", () =>
  run(async () => {
    let asked = 0;
    async function* pieces() {
      for (const piece of ["data: x\r", "\r", "\ndata: y\r\n\r"]) {
        asked++;
        yield Buffer.from(piece);
      }
    }
    const log: unknown[] = [];
    for await (const { data } of parseEvents(pieces())) log.push([data, asked]);
    expect(log).toEqual([
      ["x", 2],
      ["y", 3],
    ]);
  }));

test("an event that is as long as allowed is given, and one more character is an error", async () => {
  const event = "data: 123456\n\n";
  expect(await eventsOf([event], { maxEventSize: event.length })).toEqual([["message", "123456", ""]]);
  const error = await errorOf(eventsOf([event], { maxEventSize: event.length - 1 }));
  expect(error).toBeInstanceOf(EventTooLargeError);
  expect(error).toMatchObject({
    code: "TSYNCIO_HTTP_EVENT_TOO_LARGE",
    message:
      "Cannot read events: one is longer than the limit of 13 characters; pass a greater maxEventSize to have it",
  });
});

test("an event that never ends is an error when it has reached the limit, and the events before it are given", () =>
  run(async () => {
    let sent = 0;
    async function* endless() {
      yield Buffer.from("data: first\n\ndata: ");
      for (; ; sent++) yield Buffer.from("x".repeat(100));
    }
    const given: string[] = [];
    const error = await errorOf(
      (async () => {
        for await (const { data } of parseEvents(endless(), { maxEventSize: 1000 })) given.push(data);
      })(),
    );
    expect(error).toBeInstanceOf(EventTooLargeError);
    expect(given).toEqual(["first"]);
    expect(sent).toBe(9);
  }));

test("comments without events do not add up to one that is too long", async () => {
  const pieces = Array.from({ length: 100 }, () => ": still here\n");
  expect(await eventsOf([...pieces, "data: x\n\n"], { maxEventSize: 20 })).toEqual([["message", "x", ""]]);
});

test("bytes that are no UTF-8 become replacement characters", async () => {
  expect(await eventsOf([Buffer.from([...Buffer.from("data: "), 0xff, 0x0a, 0x0a])])).toEqual([["message", "�", ""]]);
});

test("data is read as JSON, and what is none is shown", () =>
  run(async () => {
    const [good, bad] = await collected(parseEvents(body(['data: {"a":\ndata: 1}\n\ndata: [DONE]\n\n'])));
    expect(good!.json<{ a: number }>().a).toBe(1);
    const error = await errorOf((async () => bad!.json())());
    expect(error).toBeInstanceOf(EventDataError);
    expect(error).toMatchObject({
      code: "TSYNCIO_HTTP_EVENT_DATA",
      message: 'Cannot read the data of an event as JSON: it is "[DONE]"',
    });
  }));

async function collected<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

test("leaving the loop closes the body", () =>
  run(async () => {
    const log: string[] = [];
    async function* closing() {
      try {
        for (let i = 0; ; i++) yield Buffer.from(`data: ${i}\n\n`);
      } finally {
        log.push("closed");
      }
    }
    for await (const { data } of parseEvents(closing())) {
      log.push(data);
      if (data === "1") break;
    }
    expect(log).toEqual(["0", "1", "closed"]);
  }));

test("cancelled while it waits for bytes, it closes the body", () =>
  run(async () => {
    const log: string[] = [];
    async function* silent() {
      try {
        yield Buffer.from("data: x\n\ndata: half");
        await sleep("1h");
      } finally {
        log.push("closed");
      }
    }
    const reading = createTask(collected(parseEvents(silent())));
    await sleep(5);
    reading.cancel();
    expect(await errorOf(reading)).toBeInstanceOf(CancelledError);
    expect(log).toEqual(["closed"]);
  }));

test("cancelled while a native body never answers, it tells the body and does not wait", () =>
  run(async () => {
    const log: string[] = [];
    const deaf = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => {}),
        return: () => {
          log.push("told");
          return new Promise<never>(() => {});
        },
      }),
    };
    const reading = createTask(collected(parseEvents(deaf)));
    await sleep(5);
    reading.cancel();
    expect(await errorOf(reading)).toBeInstanceOf(CancelledError);
    expect(log).toEqual(["told"]);
  }));

test("an error of the body goes through, behind the events before it", () =>
  run(async () => {
    async function* breaking() {
      yield Buffer.from("data: x\n\ndata: half\n");
      throw new RangeError("broken");
    }
    const events = parseEvents(breaking());
    expect((await events.next()).value).toMatchObject({ data: "x" });
    expect(await errorOf(events.next())).toEqual(new RangeError("broken"));
    expect(await events.next()).toEqual({ done: true, value: undefined });
  }));

test("native code reads them too", async () => {
  "native async";
  const data: string[] = [];
  for await (const event of parseEvents(new Blob(["data: 1\n\ndata: 2\n\n"]).stream())) data.push(event.data);
  expect(data).toEqual(["1", "2"]);
});

test("what cannot be parsed, and a wrong limit, are refused at the call", () => {
  expect(() => parseEvents("data: x" as never)).toThrow(
    new TypeError("Cannot parse events of data: x: expected an async iterable of bytes"),
  );
  expect(() => parseEvents(body([]), { maxEventSize: 0 })).toThrow(
    new RangeError("Cannot read events: maxEventSize must be an integer >= 1, received 0"),
  );
});

test("its types are those of an async generator of events", () => {
  expectTypeOf(parseEvents(body([]))).toEqualTypeOf<AsyncGenerator<ServerSentEvent, void>>();
  expectTypeOf(parseEvents).parameter(0).toEqualTypeOf<AsyncIterable<Uint8Array>>();
  expectTypeOf<ServerSentEvents>().toExtend<AsyncIterable<ServerSentEvent>>();
});
