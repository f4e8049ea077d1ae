import { ProcessPoolExecutor, ThreadPoolExecutor, transfer } from "@tsyncio/node";
import { gather } from "tsyncio";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import { jobs, kinds, moving } from "./kinds.ts";

const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => total + byte, 0);

describe("a thread", () => {
  let pool: ThreadPoolExecutor;
  beforeAll(() => {
    pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  });
  afterAll(async () => {
    await pool.shutdown();
  });

  test("gets arguments that are moved: they are gone here", async () => {
    const bytes = new Uint8Array(1000).fill(2);
    expectTypeOf(transfer(bytes)).toEqualTypeOf(bytes);
    expect(await pool.submit(sum, transfer(bytes))).toBe(2000);
    expect(bytes.length).toBe(0);
    const kept = new Uint8Array(10).fill(1);
    expect(await pool.submit(sum, kept)).toBe(10);
    expect(kept.length).toBe(10);
  });

  test("gets what a list names of a value, several values, and ports", async () => {
    const image = { width: 2, pixels: new Uint8Array(4).fill(9) };
    const more = new ArrayBuffer(16);
    const { port1, port2 } = new MessageChannel();
    const [pixels, length] = await pool.submit(
      ({ pixels }: typeof image, buffer: ArrayBuffer, port: MessagePort): [number, number] => {
        port.postMessage("moved, too");
        return [pixels.length, buffer.byteLength];
      },
      transfer(image, [image.pixels.buffer]),
      transfer(more),
      transfer(port2),
    );
    expect([pixels, length, image.pixels.length, more.byteLength]).toEqual([4, 16, 0, 0]);
    const heard = await new Promise((resolve) => void port1.once("message", resolve));
    expect(heard).toBe("moved, too");
    port1.close();
  });

  test("gives results and items of streams that are moved", async () => {
    const result = await pool.submit(moving.moved, 5);
    expect(result).toEqual(new Uint8Array(5).fill(7));
    const lengths: number[] = [];
    for await (const buffer of await pool.submit(moving.movedOneByOne, 8)) lengths.push(buffer.byteLength);
    expect(lengths).toEqual([8, 9, 10]);
    const mixed = await gather([
      pool.submit(moving.moved, 1),
      pool.submit(jobs.add, 1, 1),
      pool.submit(moving.moved, 2),
    ]);
    expect(mixed).toEqual([new Uint8Array([7]), 2, new Uint8Array([7, 7])]);
  });

  test("refuses what is moved twice, or cannot be moved; the job of its own only", async () => {
    const bytes = new Uint8Array(3).fill(1);
    const twice = [
      pool.submit(sum, transfer(bytes)),
      pool.submit(sum, transfer(bytes)),
      pool.submit(sum, new Uint8Array(2)),
    ];
    const [first, second, third] = await gather(twice, { returnExceptions: true });
    expect([first, third]).toEqual([3, 0]);
    expect(second).toEqual(
      new TypeError(
        "Cannot send the arguments of sum() to a thread: an ArrayBuffer that is to be moved has been moved already",
      ),
    );
    await expect(pool.submit((x: object) => x, transfer({}))).rejects.toThrow(TypeError);
  });

  test("is sent nothing behind a job that moves memory: that one cannot be taken back when the other is cancelled", async () => {
    for (let round = 0; round < 50; round++) {
      const moving = pool.submit(sum, transfer(new Uint8Array(3).fill(round)));
      const cancelled = pool.submit(sum, new Uint8Array(1));
      await Promise.resolve();
      cancelled.cancel();
      expect(await moving).toBe(3 * round);
    }
  });

  test("shares memory", async () => {
    const shared = new Int32Array(new SharedArrayBuffer(8));
    await pool.submit((memory: Int32Array) => {
      Atomics.add(memory, 0, 5);
      memory[1] = 6;
    }, shared);
    expect([...shared]).toEqual([5, 6]);
  });
});

describe("a process", () => {
  let pool: ProcessPoolExecutor;
  beforeAll(() => {
    pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  });
  afterAll(async () => {
    await pool.shutdown();
  });

  test("gets a copy of what is to be moved, both ways", async () => {
    const bytes = new Uint8Array(1000).fill(2);
    expect(await pool.submit(sum, transfer(bytes))).toBe(2000);
    expect(bytes.length).toBe(1000);
    expect(await pool.submit(moving.moved, 5)).toEqual(new Uint8Array(5).fill(7));
    const lengths: number[] = [];
    for await (const buffer of await pool.submit(moving.movedOneByOne, 8)) lengths.push(buffer.byteLength);
    expect(lengths).toEqual([8, 9, 10]);
  });

  test("says that it shares no memory", async () => {
    const shared = new SharedArrayBuffer(8);
    await expect(pool.submit((memory: unknown) => memory, shared)).rejects.toThrow(
      "Cannot send the arguments of anonymous() to a process: #<SharedArrayBuffer> could not be cloned.; threads share memory, processes do not: use a ThreadPoolExecutor",
    );
    await expect(pool.submit(() => new SharedArrayBuffer(1) as unknown)).rejects.toThrow(
      "Cannot send the result back: #<SharedArrayBuffer> could not be cloned.",
    );
    await expect(
      pool.submit(() => {
        throw Object.assign(new RangeError("with memory"), { memory: new SharedArrayBuffer(1) });
      }),
    ).rejects.toMatchObject({ message: "with memory", memory: "[not serialisable: SharedArrayBuffer]" });
  });
});

test("both kinds carry large values both ways", async () => {
  const large = { text: "x".repeat(3_000_000), bytes: new Uint8Array(5_000_000).fill(3) };
  for (const { Pool } of kinds) {
    await using pool = new Pool({ maxWorkers: 1 });
    const back = await pool.submit((value: typeof large) => value, large);
    expect([back.text.length, back.bytes.length, back.bytes[4_999_999]]).toEqual([3_000_000, 5_000_000, 3]);
  }
});
