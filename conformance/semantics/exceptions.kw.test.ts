import {
  type EventLoop,
  type ExceptionContext,
  Future,
  createTask,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
  taskGroup,
} from "tsyncio";
import { afterEach, expect, test, vi } from "vitest";
import { VirtualHost } from "../../test/virtual-host.ts";
import { program } from "../program.ts";
import { giveWay } from "./iterations.ts";

afterEach(() => void vi.restoreAllMocks());

function fails(): never {
  throw new RangeError("it fails");
}

/** Keeps what it is given from being collected before `run` ends. */
const kept: unknown[] = [];

async function failsWhenCancelled(): Promise<void> {
  try {
    await sleep(1000);
  } finally {
    fails();
  }
}

/** What happens, what asyncio's exception handler is told of it (measured), and how it comes about. */
const reports: [what: string, message: string, keys: string[], cause: (loop: EventLoop) => PromiseLike<void>][] = [
  [
    "a callback that throws",
    "Exception in callback fails()",
    ["exception", "handle"],
    async (loop) => {
      loop.callSoon(fails);
      await giveWay(2);
    },
  ],
  [
    "a timer that throws",
    "Exception in callback fails()",
    ["exception", "handle"],
    async (loop) => {
      loop.callLater(1, fails);
      await sleep(2);
    },
  ],
  [
    "a done callback that throws",
    "Exception in callback fails()",
    ["exception", "handle"],
    async () => {
      const future = new Future<void>();
      future.addDoneCallback(fails);
      future.setResult();
      await giveWay(2);
    },
  ],
  [
    "a future whose error nobody reads",
    "Future exception was never retrieved",
    ["exception", "future"],
    async () => {
      const future = new Future<void>();
      future.setException(new RangeError("it fails"));
      kept.push(future);
    },
  ],
  [
    "a task whose error nobody reads",
    "Task exception was never retrieved",
    ["exception", "future"],
    async () => {
      kept.push(createTask((async () => fails())()));
      await giveWay(2);
    },
  ],
  [
    "a child that fails after the parent task of its group is done",
    "Task <Task> has errored out but its parent task <Task> is already completed",
    ["exception", "task"],
    async () => {
      const group = taskGroup(async (tg) => {
        tg.createTask(failsWhenCancelled());
        await sleep(1000);
      });
      const parent = createTask((async () => group)());
      await giveWay(2);
      // Ends the parent before its children, which nothing else can do.
      group.close();
      await parent.catch(() => {});
      await giveWay(2);
    },
  ],
  [
    "a task that fails while run() cancels it",
    "unhandled exception during run() shutdown",
    ["exception", "task"],
    async () => {
      createTask(failsWhenCancelled());
      await giveWay(2);
    },
  ],
  [
    "an async generator that fails while run() closes it",
    "an error occurred during closing of asynchronous generator <AsyncGenerator>",
    ["asyncgen", "exception"],
    async () => {
      const numbers = (async function* () {
        try {
          yield 1;
        } finally {
          fails();
        }
      })();
      await numbers.next();
      kept.push(numbers);
    },
  ],
];

test.each(reports)(
  "the exception handler is told of %s: message and keys are asyncio's",
  async (_, message, keys, cause) => {
    const heard: [string, string[]][] = [];
    const handler = (_loop: EventLoop, { message, ...others }: ExceptionContext): void => {
      expect(others.exception).toEqual(new RangeError("it fails"));
      heard.push([message.replace(/<(\w+) [^<>]*(<[^<>]*>)?[^<>]*>/g, "<$1>"), Object.keys(others).sort()]);
    };
    const main = async (): Promise<void> => {
      getRunningLoop().setExceptionHandler(handler);
      await cause(getRunningLoop());
    };
    await run(main(), { loopFactory: () => newEventLoop({ host: new VirtualHost() }) });
    expect(heard).toEqual([[message, keys]]);
  },
);

test("a report without a message is printed as an unhandled exception in the event loop", () =>
  program(async ({ loop }) => {
    const printed: unknown[][] = [];
    vi.spyOn(console, "error").mockImplementation((...line) => void printed.push(line));
    loop.setExceptionHandler(null);
    const exception = new Error("boom");
    loop.callExceptionHandler({ message: "", exception });
    expect(printed).toEqual([["Unhandled exception in event loop", exception]]);
  }));
