import { CancelledError, RuntimeError, type Task, createTask, getRunningLoop, run, sleep } from "tsyncio";
import { IncompleteReadError, ReadTransport, StreamReader } from "@tsyncio/node";
import { describe, expect, expectTypeOf, test } from "vitest";
import { program } from "../../../../conformance/program.ts";

const bytes = (text: string) => Buffer.from(text);

/** What `aw` throws. */
async function errorOf(aw: PromiseLike<unknown>) {
  try {
    await aw;
  } catch (error) {
    return error;
  }
  throw new Error("expected an error");
}

/** Every way to wait for data; each gives "line\n" of "line\nmore". */
const WAITS: [name: string, read: (reader: StreamReader) => PromiseLike<Buffer>][] = [
  ["read", (reader) => reader.read(5)],
  ["readline", (reader) => reader.readline()],
  ["readuntil", (reader) => reader.readuntil("\n")],
  ["readexactly", (reader) => reader.readexactly(5)],
  ["for await", async (reader) => (await reader[Symbol.asyncIterator]().next()).value as Buffer],
];

describe.each(WAITS)("%s", (name, read) => {
  test("gives what is there without waiting", () =>
    run(async () => {
      const reader = new StreamReader();
      reader.feedData(bytes("line\nmore"));
      const { iterations } = getRunningLoop().statistics();
      expect(await read(reader)).toEqual(bytes("line\n"));
      expect(getRunningLoop().statistics().iterations).toBe(iterations);
    }));

  test("goes on one iteration after the data has come", () =>
    run(async () => {
      const log: string[] = [];
      const reader = new StreamReader();
      const reading = createTask((async () => void log.push(`read ${await read(reader)}`))());
      await sleep(0);
      const loop = getRunningLoop();
      loop.callSoon(() => {
        log.push("fed");
        reader.feedData(bytes("line\nmore"));
        loop.callSoon(() => log.push("asked for later"));
      });
      loop.callSoon(() => log.push("same iteration"));
      await reading;
      await sleep(0);
      expect(log).toEqual(["fed", "same iteration", "read line\n", "asked for later"]);
    }));

  test("cancelled while it waits, it has taken nothing", () =>
    run(async () => {
      const reader = new StreamReader();
      reader.feedData(bytes(""));
      const reading = createTask(read(reader));
      await sleep(0);
      reading.cancel();
      expect(await errorOf(reading)).toBeInstanceOf(CancelledError);
      reader.feedData(bytes("line\n"));
      expect(await read(reader)).toEqual(bytes("line\n"));
    }));

  test("cancelled in the iteration in which its data comes, it has taken nothing", () =>
    run(async () => {
      for (const cancelFirst of [false, true]) {
        const reader = new StreamReader();
        const reading = createTask(read(reader));
        await sleep(0);
        if (cancelFirst) reading.cancel();
        reader.feedData(bytes("line\n"));
        if (!cancelFirst) reading.cancel();
        expect(await errorOf(reading)).toBeInstanceOf(CancelledError);
        expect(await read(reader)).toEqual(bytes("line\n"));
      }
    }));

  test("throws what broke the stream, while it waits and from then on", () =>
    run(async () => {
      const reader = new StreamReader();
      const reading = createTask(read(reader));
      await sleep(0);
      const broken = new Error("broken");
      reader.setException(broken);
      expect(await errorOf(reading)).toBe(broken);
      expect(await errorOf(read(reader))).toBe(broken);
      reader.feedEof();
      expect(await errorOf(read(reader))).toBe(broken);
      expect(await errorOf(reader.read())).toBe(broken);
    }));

  test("throws what broke the stream although its data is there", () =>
    run(async () => {
      const reader = new StreamReader();
      reader.feedData(bytes("line\n"));
      const broken = new Error("broken");
      reader.setException(broken);
      expect(await errorOf(read(reader))).toBe(broken);
      expect(String(reader)).toBe("<StreamReader 5 bytes exception=Error: broken>");
    }));

  test("does not wait for ever when the stream breaks after data that is not enough", () =>
    run(async () => {
      const reader = new StreamReader();
      const reading = createTask(read(reader));
      await sleep(0);
      reader.feedData(bytes("l"));
      const broken = new Error("broken");
      reader.setException(broken);
      const outcome = await reading.then(String, (error) => error);
      expect(outcome).toBe(name === "read" ? "l" : broken);
    }));

  test("is refused while another task waits, which is not disturbed", () =>
    run(async () => {
      const reader = new StreamReader();
      const first = createTask(read(reader));
      await sleep(0);
      const error = await errorOf(read(reader));
      expect(error).toBeInstanceOf(RuntimeError);
      expect((error as Error).message).toBe(
        "Cannot read from StreamReader: another task is waiting for its data already; let one task read, or hold a Lock",
      );
      reader.feedData(bytes("line\n"));
      expect(await first).toEqual(bytes("line\n"));
    }));

  test("goes on waiting when another task takes the data in between", () =>
    run(async () => {
      const reader = new StreamReader();
      const slow = createTask(read(reader));
      await sleep(0);
      const loop = getRunningLoop();
      const quick = new Promise<Buffer>((resolve) =>
        loop.callSoon(() => {
          reader.feedData(bytes("other"));
          createTask(reader.read(5), { eagerStart: true }).then(resolve);
        }),
      );
      expect(String(await quick)).toBe("other");
      reader.feedData(bytes("line\n"));
      expect(await slow).toEqual(bytes("line\n"));
    }));

  test("is refused when another task waits by the time it is woken for nothing, and that one is served", () =>
    run(async () => {
      const reader = new StreamReader();
      const late = createTask(read(reader));
      await sleep(0);
      const quick = async () => [String(await reader.read(5)), String(await reader.read(5))];
      const took = new Promise<Task<string[]>>((resolve) =>
        getRunningLoop().callSoon(() => {
          reader.feedData(bytes("other"));
          resolve(createTask(quick(), { eagerStart: true }));
        }),
      );
      expect(await errorOf(late)).toBeInstanceOf(RuntimeError);
      reader.feedData(bytes("more"));
      const task = await took;
      expect(await task).toEqual(["other", "more"]);
    }));

  test("cancelled in the iteration in which the stream breaks, it is cancelled, and the error is not reported", () =>
    program(async () => {
      const reader = new StreamReader();
      const reading = createTask(read(reader));
      await sleep(0);
      const broken = new Error("broken");
      reader.setException(broken);
      reading.cancel();
      expect(await errorOf(reading)).toBeInstanceOf(CancelledError);
      expect(await errorOf(read(reader))).toBe(broken);
    }));

  test("closed by hand while it waits, it makes room for the next", () =>
    run(async () => {
      const reader = new StreamReader();
      const co = reader.readline();
      const waiting = createTask(co);
      await sleep(0);
      co.close();
      const next = createTask(read(reader));
      await sleep(0);
      reader.feedData(bytes("line\n"));
      expect(await next).toEqual(bytes("line\n"));
      waiting.cancel();
      await errorOf(waiting);
    }));
});

test("a line of just the limit is waited for, until its newline comes", () =>
  run(async () => {
    const reader = new StreamReader({ limit: 3 });
    reader.feedData(bytes("abc"));
    const reading = createTask(reader.readline());
    await sleep(0);
    expect(reading.done()).toBe(false);
    reader.feedData(bytes("\n"));
    expect(String(await reading)).toBe("abc\n");
  }));

describe("the end of the stream", () => {
  test("is heard by every kind of read in its own way, again and again", () =>
    run(async () => {
      const reader = new StreamReader();
      reader.feedData(bytes("end"));
      reader.feedEof();
      expect(String(await reader.readline())).toBe("end");
      for (let round = 0; round < 2; round++) {
        expect(await reader.read(3)).toEqual(bytes(""));
        expect(await reader.read()).toEqual(bytes(""));
        expect(await reader.readline()).toEqual(bytes(""));
        expect(await reader.readexactly(0)).toEqual(bytes(""));
        expect(await errorOf(reader.readexactly(1))).toBeInstanceOf(IncompleteReadError);
        expect(await errorOf(reader.readuntil())).toBeInstanceOf(IncompleteReadError);
        expect(reader.atEof()).toBe(true);
      }
    }));

  test("takes no more data", () =>
    run(async () => {
      const reader = new StreamReader();
      reader.feedEof();
      expect(() => reader.feedData(bytes("more"))).toThrow(
        new RuntimeError("Cannot feed data to StreamReader: its end was fed already"),
      );
    }));
});

describe("the transport", () => {
  /** A transport that tells what it is asked. */
  class Told extends ReadTransport {
    readonly log: string[] = [];
    override pauseReading(): void {
      this.log.push("pause");
    }
    override resumeReading(): void {
      this.log.push("resume");
    }
  }

  const started = (limit: number) => {
    const reader = new StreamReader({ limit });
    const transport = new Told();
    reader.setTransport(transport);
    return { reader, log: transport.log };
  };

  test("is paused above the limit, once, and goes on at the limit", () =>
    run(async () => {
      const { reader, log } = started(10);
      reader.feedData(bytes("a".repeat(10)));
      expect(log).toEqual([]);
      reader.feedData(bytes("b"));
      reader.feedData(bytes("ccc"));
      expect(log).toEqual(["pause"]);
      await reader.read(3);
      expect(log).toEqual(["pause"]);
      await reader.read(1);
      expect(log).toEqual(["pause", "resume"]);
    }));

  test("goes on before somebody waits for more than the limit", () =>
    run(async () => {
      const { reader, log } = started(10);
      reader.feedData(bytes("a".repeat(11)));
      const reading = createTask(reader.readexactly(25));
      await sleep(0);
      expect(log).toEqual(["pause", "resume"]);
      reader.feedData(bytes("b".repeat(14)));
      expect(log).toEqual(["pause", "resume", "pause"]);
      expect(String(await reading)).toBe("a".repeat(11) + "b".repeat(14));
      expect(log).toEqual(["pause", "resume", "pause", "resume"]);
    }));

  test("goes on when a line that is too long is dropped", () =>
    run(async () => {
      const { reader, log } = started(10);
      reader.feedData(bytes("a".repeat(11)));
      const error = await errorOf(reader.readline());
      expect(error).toBeInstanceOf(RangeError);
      expect(log).toEqual(["pause", "resume"]);
    }));

  test("that cannot be paused is not asked twice", () =>
    run(async () => {
      const reader = new StreamReader({ limit: 1 });
      reader.setTransport(new (class extends ReadTransport {})());
      for (let i = 0; i < 3; i++) reader.feedData(bytes("abc"));
      expect(String(reader)).toBe("<StreamReader 9 bytes limit=1>");
      expect(String(await reader.read(9))).toBe("abcabcabc");
    }));

  test("is set once", () =>
    run(async () => {
      const { reader } = started(1);
      expect(() => reader.setTransport(new Told())).toThrow(
        new RuntimeError("Cannot set the transport of StreamReader: it has one"),
      );
    }));
});

test("numbers of bytes are integers", () =>
  run(async () => {
    const reader = new StreamReader();
    expect(() => reader.read(1.5)).toThrow(new TypeError("Cannot read(): n must be an integer, received 1.5"));
    expect(() => reader.readexactly("1" as never)).toThrow(
      new TypeError("Cannot readexactly(): n must be an integer, received 1"),
    );
  }));

test("leaving for await loses no line", () =>
  run(async () => {
    const reader = new StreamReader();
    reader.feedData(bytes("1\n2\n3\n"));
    reader.feedEof();
    const log: string[] = [];
    for await (const line of reader) {
      log.push(`first ${line}`);
      break;
    }
    for await (const line of reader) log.push(`second ${line}`);
    expect(log).toEqual(["first 1\n", "second 2\n", "second 3\n"]);
  }));

test("native code can iterate over the lines", () =>
  run(async () => {
    const reader = new StreamReader();
    const native = async () => {
      "native async";
      const lines: string[] = [];
      for await (const line of reader) lines.push(String(line));
      return lines;
    };
    const lines = native();
    await sleep(0);
    reader.feedData(bytes("1\n2\n"));
    reader.feedEof();
    expect(await lines).toEqual(["1\n", "2\n"]);
  }));

test("reads are typed as Buffers", () => {
  expectTypeOf<Awaited<ReturnType<StreamReader["read"]>>>().toEqualTypeOf<Buffer>();
  expectTypeOf<StreamReader>().toExtend<AsyncIterable<Buffer>>();
});
