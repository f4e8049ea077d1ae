import { expect, test } from "vitest";
import { generate } from "./generate.ts";
import { type Program, nodesOf } from "./program-tree.ts";
import { shrink } from "./shrink.ts";

function has(program: Program, op: string): boolean {
  return [...nodesOf(program)].some((node) => node.op === op);
}

/** The first program of a seed with these operations. */
function programWith(...ops: string[]): Program {
  for (let number = 0; ; number++) {
    const program = generate(5, number);
    if (ops.every((op) => has(program, op))) return program;
  }
}

test("only what makes the difference is left of a program", async () => {
  const program = programWith("queue.join", "task.cancel", "try.finally");
  const smallest = await shrink(program, async (programs) =>
    programs.map((each) => has(each, "queue.join") && has(each, "task.cancel")),
  );
  expect([...nodesOf(program)].length).toBeGreaterThan(20);
  const left = [...nodesOf(smallest)].map(({ op }) => op);
  expect(left.filter((op) => !["queue.join", "task.cancel"].includes(op)).length).toBeLessThanOrEqual(8);
  expect(left).not.toContain("try.finally");
});

test("numbers become small, and what is nested stands alone", async () => {
  const program = programWith("wait_for", "shield");
  const smallest = await shrink(program, async (programs) => programs.map((each) => has(each, "wait_for")));
  const waits = [...nodesOf(smallest)].filter(({ op }) => op === "wait_for");
  expect(waits.map((node) => node.with!.delay ?? 0)).toEqual([0]);
  expect(smallest.things).toEqual([]);
  expect(smallest.functions.length).toBeLessThanOrEqual(3);
});

test("a program that is judged once and never again stays as it is", async () => {
  const program = generate(5, 0);
  expect(await shrink(program, async (programs) => programs.map(() => false))).toBe(program);
});
