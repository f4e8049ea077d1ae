import type { Language } from "./print.ts";

const PYTHON: readonly (readonly [used: string, line: string])[] = [
  ["asyncio.", "import asyncio"],
  ["contextvars.", "import contextvars"],
  ["aclosing(", "from contextlib import aclosing"],
];

/** What a program may import from tsyncio. */
const NAMES = [
  "Barrier",
  "BoundedSemaphore",
  "CancelledError",
  "Condition",
  "ContextVar",
  "Event",
  "ExceptionGroup",
  "LifoQueue",
  "Lock",
  "PriorityQueue",
  "Queue",
  "Semaphore",
  "TimeoutError",
  "allTasks",
  "asCompleted",
  "asyncGenerator",
  "catchGroup",
  "copyContext",
  "coroutine",
  "createTask",
  "currentTask",
  "eagerTaskFactory",
  "ensureFuture",
  "gather",
  "getRunningLoop",
  "give",
  "isFuture",
  "run",
  "shield",
  "sleep",
  "taskGroup",
  "timeout",
  "timeoutAt",
  "wait",
  "waitFor",
] as const;

const TYPES = [
  "AsyncGenerator",
  "Context",
  "EventLoop",
  "ExceptionContext",
  "Future",
  "Handle",
  "Task",
  "TaskGroup",
  "Timeout",
] as const;

/** The imports of a program, by what its text uses. */
export function importsOf(text: string, language: Language): string {
  if (language === "python") return PYTHON.flatMap(([used, line]) => (text.includes(used) ? [line] : [])).join("\n");
  const types = TYPES.filter((name) => new RegExp(`[:<|,] ?${name}\\b`).test(text)).map((name) => `type ${name}`);
  return `import { ${[...types, ...namesIn(text)].join(", ")} } from "tsyncio";`;
}

/** The values of tsyncio that a text uses. */
export function namesIn(text: string): string[] {
  return NAMES.filter((name) => new RegExp(`(?<![.\\w])${name}\\b(?!:)`).test(text));
}
