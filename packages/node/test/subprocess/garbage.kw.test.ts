import { createSubprocessExec } from "@tsyncio/node";
import { fromPromise } from "tsyncio";
import { expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { collectGarbage } from "../../../../test/collect-garbage.ts";

async function passOn(text: string) {
  await using child = await createSubprocessExec("cat", [], { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
  const [output] = await child.communicate(text);
  expect(String(output)).toBe(text);
  return new WeakRef(child.stdin);
}

test("a child that has ended, and the streams of its pipes, are garbage", () =>
  nodeProgram(async () => {
    const writer = await passOn("some text");
    await fromPromise(collectGarbage(() => writer.deref() === undefined));
    expect(writer.deref()).toBe(undefined);
  }));
