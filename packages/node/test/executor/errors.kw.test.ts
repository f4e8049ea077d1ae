import { BrokenWorkerError, IncompleteReadError, registerErrorClass } from "@tsyncio/node";
import { type Awaitable, CancelledError, ExceptionGroup, TimeoutError, TsyncioError, catchGroup } from "tsyncio";
import { isNativeError } from "node:util/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jobs, kinds, moving } from "./kinds.ts";

/** What a job fails with. */
async function errorOf(job: Awaitable<unknown>): Promise<any> {
  try {
    await job;
  } catch (error) {
    return error;
  }
  throw new Error("the job did not fail");
}

describe.each(kinds)("from a $kind", ({ Pool }) => {
  let pool: InstanceType<typeof Pool>;
  beforeAll(() => {
    pool = new Pool({ maxWorkers: 1 });
  });
  afterAll(async () => {
    await pool.shutdown();
  });
  const failing = (fn: (...args: any[]) => unknown, ...args: unknown[]): Promise<any> =>
    errorOf(pool.submit(fn, ...args));

  test("an error comes as what it is, with its message and the stack of its place", async () => {
    const tooFar = () => {
      throw new RangeError("too far");
    };
    const error = await failing(tooFar);
    expect(error).toBeInstanceOf(RangeError);
    expect(isNativeError(error)).toBe(true);
    expect([error.name, error.message]).toEqual(["RangeError", "too far"]);
    expect(error.stack).toMatch(/^RangeError: too far\n +at tooFar \(sent:tooFar:2:/);
    expect(Object.keys(error)).toEqual([]);
  });

  test("an error of tsyncio, of a coroutine, comes with the lines of its module", async () => {
    const error = await failing(jobs.timeOut);
    expect(error).toBeInstanceOf(TimeoutError);
    expect([error.code, error.message]).toEqual(["TSYNCIO_TIMEOUT", "too late"]);
    expect(error.stack).toContain("fixtures/jobs.ts:");
  });

  test("its cause comes with it, however deep, and a circle stays one", async () => {
    const error = await failing(() => {
      let inner = new Error("0", { cause: "the root" });
      for (let i = 1; i < 100; i++) inner = new TypeError(String(i), { cause: inner });
      (inner as { self?: unknown }).self = inner;
      throw inner;
    });
    expect(error.self).toBe(error);
    const messages: string[] = [];
    let one = error;
    for (; one instanceof Error; one = (one as Error).cause as Error) messages.push(one.message);
    expect(messages).toEqual(Array.from({ length: 100 }, (_, i) => String(99 - i)));
    expect(one).toBe("the root");
    expect(Object.getOwnPropertyDescriptor(error, "cause")?.enumerable).toBe(false);
  });

  test("the members of an AggregateError and of a group come as what they are", async () => {
    const aggregate = await failing(() => {
      throw new AggregateError([new RangeError("a"), "b", new SyntaxError("c")], "several");
    });
    expect(aggregate).toBeInstanceOf(AggregateError);
    expect(aggregate.errors).toEqual([new RangeError("a"), "b", new SyntaxError("c")]);
    expect(aggregate.errors[2]).toBeInstanceOf(SyntaxError);
    const group = await failing(jobs.failTogether);
    expect(group).toBeInstanceOf(ExceptionGroup);
    const heard: string[] = [];
    expect(() => catchGroup(group, RangeError, ({ errors }) => heard.push(...errors.map(String)))).toThrow(
      ExceptionGroup,
    );
    expect(heard).toEqual(["RangeError: first"]);
    expect(group.message).toBe("both (2 sub-exceptions)");
    expect(group.split(RangeError)[1].message).toBe("both (1 sub-exception)");
  });

  test("own properties come with it; each that cannot be sent is named", async () => {
    const error = await failing(() => {
      class Connection {
        open = () => {};
      }
      throw Object.assign(new Error("refused"), {
        code: "E_REFUSED",
        when: new Date(7),
        retry: () => {},
        connection: new Connection(),
        mark: Symbol("mark"),
        request: {
          url: "/a",
          headers: new Map([["x", "y"]]),
          hooks: [() => {}, 1],
          nested: { socket: new Connection() },
        },
        previous: [new TypeError("once"), new Error("twice")],
      });
    });
    expect({ ...error }).toEqual({
      code: "E_REFUSED",
      when: new Date(7),
      retry: "[not serialisable: function retry]",
      connection: "[not serialisable: Connection]",
      mark: "[not serialisable: Symbol(mark)]",
      request: {
        url: "/a",
        headers: new Map([["x", "y"]]),
        hooks: ["[not serialisable: function anonymous]", 1],
        nested: { socket: "[not serialisable: Connection]" },
      },
      previous: [new TypeError("once"), new Error("twice")],
    });
    expect(error.previous[0]).toBeInstanceOf(TypeError);
  });

  test("errors of the system keep their code", async () => {
    const error = await failing(jobs.readMissing);
    expect(error).toBeInstanceOf(Error);
    expect([error.code, error.syscall, error.path]).toEqual(["ENOENT", "open", "/no/such/file"]);
  });

  test("a DOMException keeps its class and its name", async () => {
    const error = await failing(() => {
      AbortSignal.abort().throwIfAborted();
    });
    expect(error).toBeInstanceOf(DOMException);
    expect([error.name, error.code, error.message]).toEqual(["AbortError", 20, "This operation was aborted"]);
  });

  test("whatever else is thrown comes as it is", async () => {
    const thrown = ["text", 5, null, undefined, false, { reason: "an object" }, ["a list"]];
    for (const one of thrown)
      expect(
        await failing((value: unknown) => {
          throw value;
        }, one),
      ).toEqual(one);
    expect(
      await failing(() => {
        const reason = () => {};
        throw reason;
      }),
    ).toBe("[not serialisable: function reason]");
    expect(await failing(jobs.throwAsync, null)).toBe(null);
  });

  test("a class that is not known comes as its nearest known base, under its own name", async () => {
    const error = await failing(jobs.failAsUnknown);
    expect(error).toBeInstanceOf(TsyncioError);
    expect(error).not.toBeInstanceOf(TimeoutError);
    expect([error.constructor, error.name, error.field]).toEqual([TsyncioError, "Unknown", 1]);
    expect(String(error)).toBe("Unknown: what is it");
  });

  test("a class that was registered is known by its name and those of its bases", async () => {
    class Paper extends Error {
      tray = 0;
      override name = "Paper";
    }
    class Jam extends Paper {
      get where(): string {
        return `tray ${this.tray}`;
      }
    }
    registerErrorClass(Paper, Jam);
    const jam = await failing(() => {
      class Paper extends Error {
        tray = 2;
      }
      class Jam extends Paper {}
      throw new Jam("stuck");
    });
    expect(jam).toBeInstanceOf(Jam);
    expect([jam.where, jam.message]).toEqual(["tray 2", "stuck"]);
    // One of the same name that stands elsewhere is not taken for it.
    const other = await failing(() => {
      class Jam extends Error {}
      throw new Jam("of fruit");
    });
    expect([other instanceof Jam, other.constructor]).toEqual([false, Error]);
  });

  test("a job that ends by CancelledError cancels its future", async () => {
    const error = await failing(jobs.cancelItself);
    expect(error).toBeInstanceOf(CancelledError);
    expect(error.message).toBe("by itself");
  });

  test("an error can be thrown again elsewhere", async () => {
    const error = await failing(jobs.timeOut);
    const again = await failing((given: unknown) => {
      throw given;
    }, error);
    expect(again.message).toBe("too late");
  });

  test("errors of a program's own packages are known too", async () => {
    const error = await failing(moving.readTooLittle);
    expect(error).toBeInstanceOf(IncompleteReadError);
    expect([error.expected, error.partial]).toEqual([3, new Uint8Array([1, 2])]);
  });
});

test("only classes of errors can be registered", () => {
  for (const wrong of [{}, class {}, () => {}, undefined])
    expect(() => registerErrorClass(wrong as never)).toThrow("Cannot register error class: expected a class of errors");
  registerErrorClass(BrokenWorkerError);
});
