import { array, assert, constantFrom, integer, oneof, property, record, string } from "fast-check";
import { expect, test } from "vitest";
import { ByteQueue } from "../../src/stream/byte-queue.ts";

function holding(...pieces: (string | Uint8Array)[]): ByteQueue {
  const queue = new ByteQueue();
  for (const piece of pieces) queue.push(typeof piece === "string" ? Buffer.from(piece) : piece);
  return queue;
}

test("what lies in one piece is taken without a copy", () => {
  const piece = Buffer.from("abcdef");
  const whole = holding(piece).take(6);
  expect(whole).toBe(piece);

  const queue = holding(piece);
  const [head, tail] = [queue.take(2), queue.take(4)];
  expect([String(head), String(tail)]).toEqual(["ab", "cdef"]);
  expect([head.buffer, tail.buffer]).toEqual([piece.buffer, piece.buffer]);
});

test("what is taken stays as it is, whatever comes later", () => {
  const queue = holding("a".repeat(600), "b");
  queue.take(600);
  const taken = queue.take(1);
  for (let i = 0; i < 5000; i++) queue.push(Buffer.from("c"));
  expect(String(taken)).toBe("b");
  expect(String(queue.take(5000))).toBe("c".repeat(5000));
  expect(queue.size).toBe(0);
});

test("many small pieces take little more memory than their bytes", () => {
  const { gc } = globalThis as { gc?: () => void };
  const used = () => {
    gc!();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const queue = new ByteQueue();
  const before = used();
  for (let i = 0; i < 200_000; i++) queue.push(Buffer.allocUnsafeSlow(1).fill(97));
  expect(used() - before).toBeLessThan(600_000);
  expect(queue.size).toBe(200_000);
});

test("bytes of any kind come out as a Buffer", () => {
  const taken = holding(new Uint8Array([1, 2, 3]).subarray(1)).take(2);
  expect(Buffer.isBuffer(taken)).toBe(true);
  expect([...taken]).toEqual([2, 3]);
  expect(new ByteQueue().take(0)).toEqual(Buffer.alloc(0));
});

const letters = constantFrom("a", "b");
const text = (maxLength: number) => string({ unit: letters, minLength: 1, maxLength });
const piece = oneof({ weight: 4, arbitrary: text(6) }, { weight: 1, arbitrary: text(1200) });

test("pushing, taking, dropping and searching are those of one long text", () => {
  const step = record({
    act: constantFrom("push", "push", "take", "drop", "find", "find"),
    piece,
    separator: string({ unit: letters, minLength: 1, maxLength: 4 }),
    part: integer({ min: 0, max: 100 }),
  });
  assert(
    property(array(step, { maxLength: 80 }), (steps) => {
      const queue = new ByteQueue();
      let text = "";
      for (const { act, piece, separator, part } of steps) {
        const count = Math.floor((text.length * part) / 100);
        const acts = {
          push() {
            queue.push(Buffer.from(piece));
            text += piece;
          },
          find() {
            expect(queue.indexOf(Buffer.from(separator), count)).toBe(text.indexOf(separator, count));
          },
          take() {
            expect(String(queue.take(count))).toBe(text.slice(0, count));
            text = text.slice(count);
          },
          drop() {
            queue.drop(count);
            text = text.slice(count);
          },
        };
        acts[act]();
        expect(queue.size).toBe(text.length);
      }
      expect(String(queue.take(queue.size))).toBe(text);
    }),
    { numRuns: 2000 },
  );
});
