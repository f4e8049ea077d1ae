import { type Arbitrary, array, assert, asyncProperty, constantFrom, integer, nat, record, string } from "fast-check";
import { CancelledError, createTask, run, sleep } from "tsyncio";
import { IncompleteReadError, LimitOverrunError, StreamReader } from "@tsyncio/node";
import { expect, test } from "vitest";

interface Read {
  readonly how: "read" | "readline" | "readuntil" | "several" | "readexactly" | "next";
  readonly n: number;
  /** After how many iterations it is cancelled; above 3: it is not. */
  readonly patience: number;
}

interface Feed {
  readonly size: number;
  /** How many iterations pass before it comes. */
  readonly pause: number;
}

const texts = string({ unit: constantFrom("a", "b", "\r", "\n"), maxLength: 120 });
const feeds: Arbitrary<Feed[]> = array(record({ size: integer({ min: 1, max: 9 }), pause: nat({ max: 4 }) }), {
  minLength: 1,
  maxLength: 40,
});
const reads: Arbitrary<Read[]> = array(
  record({
    how: constantFrom("read", "readline", "readuntil", "several", "readexactly", "next"),
    n: integer({ min: 1, max: 12 }),
    patience: nat({ max: 6 }),
  }),
  { minLength: 1, maxLength: 40 },
);

/** Begins a read. */
function begin(reader: StreamReader, { how, n }: Read): PromiseLike<Buffer> {
  if (how === "readuntil") return reader.readuntil("\r\n");
  if (how === "several") return reader.readuntil(["ab\n", "\n", "b\r"]);
  if (how === "next") return (async () => (await reader[Symbol.asyncIterator]().next()).value ?? Buffer.alloc(0))();
  return how === "readline" ? reader.readline() : reader[how](n);
}

/** What a read has taken, checked for what the kind of read promises. */
function checked(data: string, { how, n }: Read, atEnd: boolean): string {
  if (how === "read") expect(data.length).toBeLessThanOrEqual(n);
  if (how === "readexactly") expect(data.length).toBe(n);
  if (how === "readuntil") expect(data.indexOf("\r\n")).toBe(data.length - 2);
  if (how === "several") {
    expect(data).toMatch(/(\n|b\r)$/);
    expect(data.slice(0, -1)).not.toMatch(/\n|b\r/);
  }
  if (how === "readline" || how === "next") {
    expect(data.slice(0, -1)).not.toContain("\n");
    if (!data.endsWith("\n")) expect(atEnd).toBe(true);
  }
  if (data === "") expect(atEnd).toBe(true);
  return data;
}

/** Feeds the text in these pieces, over and over, and then the end. */
async function feedAll(reader: StreamReader, text: string, feeds: readonly Feed[]) {
  for (let at = 0, i = 0; at < text.length; i++) {
    const { size, pause } = feeds[i % feeds.length];
    for (let turn = 0; turn < pause; turn++) await sleep(0);
    reader.feedData(Buffer.from(text.slice(at, (at += size))));
  }
  reader.feedEof();
}

/** Reads by these reads, over and over, until everything is read: what they took, put together. */
async function readAll(reader: StreamReader, reads: readonly Read[]) {
  let taken = "";
  let cancelled = 0;
  for (let i = 0; !reader.atEof(); i++) {
    const read = reads[i % reads.length];
    const reading = createTask(begin(reader, read));
    if (read.patience <= 3 && cancelled < 100) {
      for (let turn = 0; turn < read.patience; turn++) await sleep(0);
      if (reading.cancel()) cancelled++;
    }
    try {
      taken += checked(String(await reading), read, reader.atEof());
    } catch (error) {
      if (error instanceof IncompleteReadError) taken += String(error.partial);
      else if (error instanceof LimitOverrunError) taken += String(await reader.readexactly(error.consumed));
      else if (!(error instanceof CancelledError)) throw error;
    }
  }
  return taken;
}

test("whatever the pieces in which a text comes, whatever the reads and their cancellations: every byte is read, in order", () =>
  assert(
    asyncProperty(texts, feeds, reads, (text, feeds, reads) =>
      run(async () => {
        const reader = new StreamReader();
        createTask(feedAll(reader, text, feeds));
        expect(await readAll(reader, reads)).toBe(text);
      }),
    ),
    { numRuns: 500 },
  ));

test("the same with a limit that is overrun all the time", () =>
  assert(
    asyncProperty(texts, feeds, reads, integer({ min: 1, max: 8 }), (text, feeds, reads, limit) =>
      run(async () => {
        const reader = new StreamReader({ limit });
        createTask(feedAll(reader, text, feeds));
        // A line that is too long is dropped: that is not for here.
        const others = reads.filter(({ how }) => how !== "readline" && how !== "next");
        others.push({ how: "read", n: 3, patience: 9 });
        expect(await readAll(reader, others)).toBe(text);
      }),
    ),
    { numRuns: 300 },
  ));
