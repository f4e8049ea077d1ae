import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IdStates, RECORDED, SEEN } from "../../src/journal/id-states.ts";

test("an id has the states that were added to it", () => {
  const ids = new IdStates();
  expect(ids.add("a", RECORDED)).toBe(0);
  expect(ids.add("a", SEEN)).toBe(RECORDED);
  expect(ids.add("a", SEEN)).toBe(RECORDED | SEEN);
  expect([ids.get("a"), ids.get("b")]).toEqual([RECORDED | SEEN, 0]);
});

test("a number and its text are one id; texts that only look alike are not", () => {
  const ids = new IdStates();
  ids.add(7, SEEN);
  expect(ids.get("7")).toBe(SEEN);
  for (const other of ["07", "7 ", "a7", "7a", "-7", "7.0", "77"]) expect([other, ids.get(other)]).toEqual([other, 0]);
  ids.add("page 07", SEEN);
  expect([ids.get("page 7"), ids.get("page 007"), ids.get("page 07")]).toEqual([0, 0, SEEN]);
});

test("any ids are told apart, in any order, as in a map", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.oneof(
            fc.string(),
            fc.nat(),
            fc.maxSafeInteger(),
            fc.double({ noNaN: true, noDefaultInfinity: true }),
            fc.tuple(fc.constantFrom("a", "a-", "0", "task 0"), fc.nat()).map(([prefix, n]) => `${prefix}${n}`),
          ),
          fc.constantFrom(RECORDED, SEEN),
        ),
        { maxLength: 200 },
      ),
      (added) => {
        const ids = new IdStates();
        const model = new Map<string, number>();
        for (const [id, state] of added) {
          const before = model.get(String(id)) ?? 0;
          expect(ids.add(id, state)).toBe(before);
          model.set(String(id), before | state);
        }
        for (const [id, state] of model) expect(ids.get(id)).toBe(state);
      },
    ),
  ));

/** Buffers are given back a while after what had them is collected. */
async function collected(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc!();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("a million ids", () => {
  const kinds: [name: string, id: (i: number) => string | number, mebibytes: number][] = [
    ["numbers in a row", (i) => i, 1],
    ["names that end in a number", (i) => `request-${i}`, 1],
    ["numbers that are far apart", (i) => i * 999_983, 14],
    ["what looks random", (i) => `${(Math.imul(i, 0x9e37_79b1) >>> 0).toString(16)}-${i.toString(36)}-x`, 14],
    [
      "one text with one letter changed",
      (i) => `${String.fromCharCode(0x4e00 + (i % 1000))}${String.fromCharCode(0x3400 + ((i / 1000) | 0))}!`,
      14,
    ],
  ];
  test.each(kinds)("%s: none is taken for another, in little memory", async (_, id, mebibytes) => {
    const ids = new IdStates();
    await collected();
    const before = process.memoryUsage().arrayBuffers;
    const confused: (string | number)[] = [];
    for (let i = 0; i < 1_000_000; i++) if (ids.add(id(i), SEEN) !== 0) confused.push(id(i));
    expect(confused).toEqual([]);
    await collected();
    expect((process.memoryUsage().arrayBuffers - before) / 2 ** 20).toBeLessThan(mebibytes);
    for (let i = 0; i < 1_000_000; i += 97) if (ids.get(id(i)) !== SEEN) confused.push(id(i));
    expect(confused).toEqual([]);
  });
});
