import { expect, test } from "vitest";
import { print, textOf } from "./print.ts";
import type { Node, Program } from "./program-tree.ts";

/** A task with a lock in a timeout, which main cancels. */
const PROGRAM: Program = {
  title: "A sample.",
  messages: true,
  things: [
    { name: "lock", made: "lock" },
    { name: "queue", made: "lifo queue", with: { n: 2 } },
  ],
  functions: [
    { name: "a", kind: "coroutine", body: [inTimeout(), { op: "queue.put_nowait", label: "a5", with: { item: 3 } }] },
    {
      name: "main",
      kind: "coroutine",
      body: [
        { op: "spawn", label: "main1", with: { task: "a" }, parts: { of: [{ op: "call", with: { fn: "a" } }] } },
        { op: "await", label: "main2", parts: { of: [{ op: "sleep", with: { delay: 0 } }] } },
        { op: "task.cancel.text", label: "main3", with: { task: "a", text: "main3" } },
      ],
    },
  ],
};

function inTimeout(): Node {
  const wait: Node = { op: "await", label: "a4", parts: { of: [{ op: "queue.get" }] } };
  const locked: Node = { op: "lock.using", label: "a3", parts: { body: [wait] } };
  const limited: Node = { op: "timeout", label: "a2", with: { delay: 20 }, parts: { body: [locked] } };
  return { op: "try.cancelled", label: "a1", with: { then: "raise" }, parts: { body: [limited], handler: [] } };
}

/** The functions of a program: what stands before them is the same for all. */
function functions(language: "python" | "keywords" | "generators", first: string): string {
  const { body } = print(PROGRAM, language);
  return body.slice(body.indexOf(first));
}

test("a program is printed in Python", () => {
  expect(functions("python", "async def a")).toBe(`async def a():
    try:
        async with asyncio.timeout(0.02) as limits["a2"]:
            async with lock:
                say("a3")
                say("a4", await queue.get())
        say("a2", limits["a2"].expired())
    except asyncio.CancelledError as e:
        say("a1", e)
        raise
    queue.put_nowait(3)
    say("a5")
    return "a"


async def main():
    tasks["a"] = asyncio.create_task(a(), name="a")
    say("main1")
    say("main2", await asyncio.sleep(0))
    say("main3", tasks["a"].cancel("main3"))
`);
});

test("the same program is printed with the keywords", () => {
  expect(functions("keywords", "async function a")).toBe(`async function a() {
  try {
    await timeout(20, async (limit) => {
      limits.a2 = limit;
      {
        using guard = await lock.acquire();
        say("a3");
        say("a4", await queue.get());
      }
    });
    say("a2", limits.a2.expired());
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    say("a1", e);
    throw e;
  }
  queue.putNowait(3);
  say("a5");
  return "a";
}

async function main() {
  tasks.a = createTask(a(), { name: "a" });
  say("main1");
  say("main2", await sleep(0));
  say("main3", tasks.a.cancel("main3"));
}
`);
});

test("the same program is printed with generators", () => {
  expect(functions("generators", "const a =")).toBe(`const a = coroutine(function* a() {
  try {
    yield* timeout(20, function* (limit) {
      limits.a2 = limit;
      {
        using guard = yield* lock.acquire();
        say("a3");
        say("a4", yield* queue.get());
      }
    });
    say("a2", limits.a2.expired());
  } catch (e) {
    if (!(e instanceof CancelledError)) throw e;
    say("a1", e);
    throw e;
  }
  queue.putNowait(3);
  say("a5");
  return "a";
});

const main = coroutine(function* main() {
  tasks.a = createTask(a(), { name: "a" });
  say("main1");
  say("main2", yield* sleep(0));
  say("main3", tasks.a.cancel("main3"));
});
`);
});

test("what stands before the functions makes a program of them that runs by itself", () => {
  const text = textOf(print(PROGRAM, "keywords"));
  expect(text.slice(0, text.indexOf("function shown"))).toBe(`// A sample.
import { type Task, type Timeout, CancelledError, ExceptionGroup, LifoQueue, Lock, createTask, currentTask, isFuture, run, sleep, timeout } from "tsyncio";

class Oops extends Error {
  name = "Oops";
}

const lock = new Lock();
const queue = new LifoQueue<number>(2);
const tasks: Record<string, Task> = {};
const limits: Record<string, Timeout> = {};

`);
  expect(text.endsWith("\nawait run(main());\n")).toBe(true);
  expect(textOf(print(PROGRAM, "python"))).toMatch(/^# A sample\.\nimport asyncio\n\n\nclass Oops\(Exception\):/);
});
