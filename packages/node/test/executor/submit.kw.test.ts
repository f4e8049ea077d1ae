import { remote, toThread } from "@tsyncio/node";
import { ContextVar, Future, RuntimeError, createTask, gather, getRunningLoop, sleep } from "tsyncio";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import { jobs, kinds } from "./kinds.ts";
import { Notes } from "./notes.ts";

describe.each(kinds)("a pool of one $kind", ({ kind, Pool }) => {
  let pool: InstanceType<typeof Pool>;
  beforeAll(() => {
    pool = new Pool({ maxWorkers: 1 });
  });
  afterAll(async () => {
    await pool.shutdown();
  });

  test("runs a function elsewhere, by its text, and gives what it returns", async () => {
    const sum = (a: number, b: number): number => a + b;
    const future = pool.submit(sum, 1, 2);
    expect(future).toBeInstanceOf(Future);
    expectTypeOf(future).toEqualTypeOf<Future<number>>();
    expect(await future).toBe(3);
    const { pid, isMainThread } = await pool.submit(jobs.place);
    expect([pid === process.pid, isMainThread]).toEqual(kind === "thread" ? [true, false] : [false, true]);
  });

  test("runs functions of every spelling", async () => {
    const object = {
      method(x: number): number {
        return x + 1;
      },
      ["computed name"](x: number): number {
        return x + 2;
      },
    };
    function declared(x: number): number {
      return x + 3;
    }
    // oxlint-disable-next-line func-names
    const expression = function (x: number): number {
      return x + 4;
    };
    const later = async (x: number): Promise<number> => {
      "native async";
      return x + 5;
    };
    const functions = [object.method, object["computed name"], declared, expression, later];
    expect(await gather(functions.map((fn: (x: number) => unknown) => pool.submit(fn, 1)))).toEqual([2, 3, 4, 5, 6]);
  });

  test("runs what a module exports, in TypeScript and with the keywords", async () => {
    expectTypeOf(jobs.add).toEqualTypeOf<(a: number, b: number) => number>();
    expect(await pool.submit(jobs.add, 1, 2)).toBe(3);
    const greeted = pool.submit(jobs.greet, 1);
    expectTypeOf(greeted).toEqualTypeOf<Future<string>>();
    expect(await greeted).toBe("nobody! none true");
  });

  test("one after the other, in the order of the calls, when there is one worker", async () => {
    const notes = new Notes();
    const naps = ["a", "b", "c"].map((name, i) => pool.submit(jobs.nap, notes.file, name, 10 - 4 * i));
    expect(await gather(naps)).toEqual(["a", "b", "c"]);
    expect(notes.lines).toEqual(
      ["a", "b", "c"].flatMap((name) => [`${name} begins`, `${name} ends`, `${name} cleans up`]),
    );
  });

  test("copies arguments and results, whatever a structured clone can hold", async () => {
    const given = {
      map: new Map([[1, new Set(["x"])]]),
      date: new Date(5),
      big: 10n,
      none: undefined,
      bytes: new Uint8Array([1, 2]),
    };
    const result = await pool.submit((value: typeof given) => value, given);
    expect(result).toEqual(given);
    expect(result.map).not.toBe(given.map);
    expect(await pool.submit(() => {})).toBe(undefined);
    expect(await pool.submit((...all: unknown[]) => all.length, undefined, null, 0)).toBe(3);
  });

  test("carries context variables over by name, and what the job sets stays in its context", async () => {
    const user = new ContextVar<string>("user");
    const language = new ContextVar<string>("language");
    const unsendable = new ContextVar<() => void>("unsendable");
    const holder = new ContextVar<object>("holder");
    const unknown = new ContextVar<number>("unknown there");
    await createTask(
      (async () => {
        user.set("ann");
        language.set("en");
        unknown.set(1);
        unsendable.set(() => {});
        holder.set({ hook: () => {} });
        expect(await gather([pool.submit(jobs.greet, 1), pool.submit(jobs.greet, 2)])).toEqual([
          "ann! en true",
          "ann! en true",
        ]);
        expect(await pool.submit(jobs.greet, 1)).toBe("ann! en true");
        expect(user.get()).toBe("ann");
      })(),
    );
    expect(await pool.submit(jobs.greet, 1)).toBe("nobody! none true");
  });

  test("several variables of a name are told apart by the order in which they were made", async () => {
    await createTask(
      (async () => {
        const [first] = ContextVar.named("user");
        const last = new ContextVar<string>("user");
        last.set("second");
        expect(await pool.submit(jobs.greet, 0)).toBe("second! none true");
        first.set("first");
        expect(await pool.submit((): number => 1)).toBe(1);
      })(),
    );
  });

  test("says at the call what cannot reach a worker", () => {
    const submit = (fn: unknown) => () => pool.submit(fn as () => void);
    expect(submit(undefined)).toThrow(new TypeError("Cannot submit job: expected a function, received undefined"));
    expect(submit("text")).toThrow(new TypeError("Cannot submit job: expected a function, received text"));
    expect(submit(Math.max)).toThrow(
      new TypeError(
        "Cannot submit job: max() is native or bound, so that its text cannot be sent; wrap it: (x) => max(x)",
      ),
    );
    const { bind } = Function.prototype;
    expect(submit(bind.call(() => {}, null))).toThrow("is native or bound");
    const compiled = async () => {
      await sleep(1);
    };
    expect(submit(compiled)).toThrow(
      'compiled() is a coroutine function, whose compiled text means nothing elsewhere; export it from a module and pass remote<typeof import("./module.js")>(new URL("./module.js", import.meta.url)).compiled',
    );
  });

  test("says of a text that it uses a variable around it", async () => {
    const outside = 1;
    await expect(pool.submit(() => outside)).rejects.toThrow(
      new ReferenceError(
        "outside is not defined; anonymous() was sent to a worker as text, where the variables around it do not exist: pass them as arguments, or pass a reference made by remote()",
      ),
    );
  });

  test("says of a module that it has no such function, or cannot be loaded", async () => {
    const there = remote<Record<string, () => void>>(new URL("../fixtures/jobs.ts", import.meta.url));
    await expect(pool.submit(there.answer)).rejects.toThrow(
      /^Cannot run answer of file:.*\/jobs.ts: it is number, no function; it exports add, answer, /,
    );
    await expect(pool.submit(there.missing)).rejects.toThrow("it exports no such name");
    const nowhere = remote<Record<string, () => void>>(new URL("../fixtures/nowhere.ts", import.meta.url));
    await expect(pool.submit(nowhere.fn)).rejects.toThrow("nowhere.ts");
    expect(await pool.submit(jobs.add, 2, 2)).toBe(4);
  });

  test("fails the one job whose arguments or result cannot be cloned", async () => {
    const takes = (fn: unknown) => typeof fn;
    const [good, bad] = [pool.submit(takes, 1), pool.submit(takes, () => {})];
    expect(await good).toBe("number");
    await expect(bad).rejects.toThrow(
      `Cannot send the arguments of takes() to a ${kind}: () => {} could not be cloned.`,
    );
    expect(((await bad.catch((error: Error) => error)) as Error).cause).toBeInstanceOf(Error);
    await expect(pool.submit(() => () => 1)).rejects.toThrow(
      "Cannot send the result back: () => 1 could not be cloned.",
    );
    const gives = (i: number) => (i === 20 ? () => i : i);
    const many = Array.from({ length: 40 }, (_, i) => pool.submit(gives, i));
    const results = await gather(many, { returnExceptions: true });
    expect(results.filter((_, i) => i !== 20)).toEqual(Array.from({ length: 40 }, (_, i) => i).filter((i) => i !== 20));
    expect(results[20]).toEqual(new TypeError("Cannot send the result back: () => i could not be cloned."));
  });

  test("a future that was done is not asked again, and one of another loop is no matter", async () => {
    const future = pool.submit(jobs.add, 1, 1);
    expect(future.getLoop()).toBe(getRunningLoop());
    expect([await future, await future]).toEqual([2, 2]);
  });
});

test("a reference is not called here", () => {
  expect(() => jobs.add(1, 2)).toThrow(RuntimeError);
  expect(() => jobs.add(1, 2)).toThrow(
    /^Cannot call add\(\) here: it is a reference to file:.*; pass it to toThread\(\) or to submit\(\)/,
  );
  expect(jobs.add.name).toBe("add");
  expect(jobs.add).toBe(jobs.add);
});

test("a reference needs an address that means the same everywhere", () => {
  expect(() => remote("./work.js")).toThrow(
    new TypeError(
      'Cannot refer to module "./work.js": a worker resolves it from elsewhere; pass new URL("./work.js", import.meta.url)',
    ),
  );
  expect(() => remote("work")).toThrow(TypeError);
});

test("a reference may be to an absolute path, a built-in module, or a text", async () => {
  const path = remote<typeof import("node:path")>("node:path");
  expect(await toThread(path.basename, "/a/b.c")).toBe("b.c");
  const text = remote<{ twice(x: number): number }>("data:text/javascript,export const twice = (x) => 2 * x");
  expect(await toThread(text.twice, 4)).toBe(8);
  const absolute = remote<typeof import("../fixtures/jobs.ts")>(
    new URL("../fixtures/jobs.ts", import.meta.url).pathname,
  );
  expect(await toThread(absolute.add, 4, 5)).toBe(9);
});

test("toThread() sends nothing before it is awaited", async () => {
  const notes = new Notes();
  const waiting = toThread(jobs.note, notes.file, "sent");
  await sleep(20);
  expect(notes.lines).toEqual([]);
  await waiting;
  expect(notes.lines).toEqual(["sent"]);
});
