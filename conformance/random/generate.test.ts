import { expect, test } from "vitest";
import { generate } from "./generate.ts";
import { nodesOf } from "./program-tree.ts";
import { pruned } from "./prune.ts";
import { TOPICS } from "./writer.ts";

test("a seed and a number determine a program", () => {
  expect(generate(7, 3)).toEqual(generate(7, 3));
  expect(generate(7, 3)).not.toEqual(generate(7, 4));
  expect(generate(7, 3)).not.toEqual(generate(8, 3));
});

test.each(TOPICS.map((topic) => ({ topic })))("a program can be about $topic alone", ({ topic }) => {
  for (let number = 0; number < 20; number++) {
    const program = generate(1, number, [topic]);
    expect(program.title).toBe(`Random program ${number} of seed 1: ${topic}.`);
    expect([...nodesOf(program)].length).toBeGreaterThan(10);
  }
});

test("whatever a program refers to is there", () => {
  for (let number = 0; number < 200; number++) {
    const program = generate(2, number);
    expect(pruned(program)).toEqual(program);
  }
});
