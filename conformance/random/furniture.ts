import type { Language } from "./print.ts";
import type { Program } from "./program-tree.ts";

type Both = readonly [python: string, typescript: string];

/** The primitives that a program may have: how each is made, and what every line of the trace tells of it. */
const THINGS: Readonly<Record<string, { readonly made: Both; readonly tells?: Both }>> = {
  lock: { made: ["asyncio.Lock()", "new Lock()"], tells: ["lock.locked()", "lock.locked()"] },
  event: { made: ["asyncio.Event()", "new Event()"], tells: ["event.is_set()", "event.isSet()"] },
  cond: { made: ["asyncio.Condition()", "new Condition()"], tells: ["cond.locked()", "cond.locked()"] },
  "cond of lock": { made: ["asyncio.Condition(lock)", "new Condition(lock)"] },
  sem: { made: ["asyncio.Semaphore({n})", "new Semaphore({n})"], tells: ["sem.locked()", "sem.locked()"] },
  "bounded sem": {
    made: ["asyncio.BoundedSemaphore({n})", "new BoundedSemaphore({n})"],
    tells: ["sem.locked()", "sem.locked()"],
  },
  barrier: { made: ["asyncio.Barrier({n})", "new Barrier({n})"], tells: ["barrier.n_waiting", "barrier.nWaiting"] },
  queue: { made: ["asyncio.Queue({n})", "new Queue<number>({n})"], tells: ["queue.qsize()", "queue.qsize()"] },
  "lifo queue": {
    made: ["asyncio.LifoQueue({n})", "new LifoQueue<number>({n})"],
    tells: ["queue.qsize()", "queue.qsize()"],
  },
  "priority queue": {
    made: ["asyncio.PriorityQueue({n})", "new PriorityQueue<number>({n})"],
    tells: ["queue.qsize()", "queue.qsize()"],
  },
  note: {
    made: ['contextvars.ContextVar("note", default="unset")', 'new ContextVar("note", { default: "unset" })'],
    tells: ["note.get()", "note.get()"],
  },
};

const TABLES: readonly (readonly [name: string, type: string])[] = [
  ["tasks", "Task"],
  ["futures", "Future"],
  ["handles", "Handle"],
  ["limits", "Timeout"],
  ["groups", "TaskGroup"],
  ["contexts", "Context"],
  ["streams", "AsyncGenerator<number, void>"],
];

const OOPS: Both = ["class Oops(Exception):\n    pass\n", 'class Oops extends Error {\n  name = "Oops";\n}\n'];

const MESSAGES: Both = ["(Oops, asyncio.CancelledError)", "(x instanceof Oops || x instanceof CancelledError)"];
const NO_MESSAGES: Both = ["Oops", "(x instanceof Oops)"];

const SHOWN: Both = [
  `def shown(x):
    if isinstance(x, asyncio.Future):
        return "pending" if not x.done() else "cancelled" if x.cancelled() else shown(x.exception() or x.result())
    if isinstance(x, BaseExceptionGroup):
        return shown(list(x.exceptions))
    if isinstance(x, {texts}):
        return f"{type(x).__name__} {x}".strip()
    if isinstance(x, BaseException):
        return "RuntimeError" if isinstance(x, ValueError) else type(x).__name__
    if isinstance(x, (list, tuple, set)):
        texts = [shown(each) for each in x]
        return "[" + ", ".join(sorted(texts) if isinstance(x, set) else texts) + "]"
    return "none" if x is None else str(int(x) if isinstance(x, bool) else x)
`,
  `function shown(x: any): string {
  if (isFuture(x)) return !x.done() ? "pending" : x.cancelled() ? "cancelled" : shown(x.exception() ?? x.result());
  if (x instanceof ExceptionGroup) return shown(x.errors);
  if {texts} return \`\${x.name} \${x.message}\`.trim();
  if (x instanceof Error) return x.name;
  if (Array.isArray(x)) return \`[\${x.map(shown).join(", ")}]\`;
  if (x instanceof Set) return \`[\${[...x].map(shown).sort().join(", ")}]\`;
  if (typeof x === "object" && x !== null) return "1"; // a guard, where asyncio gives True
  return x === null || x === undefined ? "none" : String(typeof x === "boolean" ? Number(x) : x);
}
`,
];

function say(language: Language, states: readonly string[]): string {
  const all = states.map((state) => `, shown(${state})`).join("");
  return language === "python"
    ? `def say(*words):
    task = asyncio.current_task()
    print(*map(shown, words), "|", task.cancelling() if task else "-"${all})
`
    : `function say(...words: unknown[]) {
  const task = currentTask();
  console.log(...words.map(shown), "|", task ? task.cancelling() : "-"${all});
}
`;
}

/** The loop may not be running when it is called: at the end of the run. */
function heard(language: Language, states: readonly string[]): string {
  const all = states.map((state) => `, shown(${state})`).join("");
  return language === "python"
    ? `def heard(loop, context):
    print("heard", shown(context.get("exception"))${all})
`
    : `function heard(_loop: EventLoop, context: ExceptionContext) {
  console.log("heard", shown(context.exception)${all});
}
`;
}

const COUNTDOWN: Readonly<Record<Language, string>> = {
  python: `class Countdown:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.n == 0:
            raise StopAsyncIteration
        await asyncio.sleep(0)
        self.n -= 1
        return self.n
`,
  keywords: `class Countdown {
  n: number;
  constructor(n: number) {
    this.n = n;
  }
  [Symbol.asyncIterator]() {
    return this;
  }
  async next(): Promise<IteratorResult<number>> {
    if (this.n === 0) return { done: true, value: undefined };
    await sleep(0);
    return { done: false, value: --this.n };
  }
}
`,
  generators: `class Countdown {
  n: number;
  constructor(n: number) {
    this.n = n;
  }
  next = coroutine(function* (this: Countdown): Generator<any, IteratorResult<number>, any> {
    if (this.n === 0) return { done: true, value: undefined };
    yield* sleep(0);
    return { done: false, value: --this.n };
  });
}
`,
};

/** What stands before the functions of a program, as far as they use it. */
export function furniture({ things, messages }: Program, language: Language, functions: string): string {
  const python = language === "python";
  const own = python ? 0 : 1;
  const declarations = things.map(({ name, made, with: settings }) => {
    const text = THINGS[made]!.made[own].replace("{n}", String(settings?.n));
    return python ? `${name} = ${text}` : `const ${name} = ${text};`;
  });
  for (const [table, type] of TABLES) {
    if (!new RegExp(`\\b${table}\\b`).test(functions)) continue;
    declarations.push(python ? `${table} = {}` : `const ${table}: Record<string, ${type}> = {};`);
  }
  const shown = SHOWN[own].replace("{texts}", (messages ? MESSAGES : NO_MESSAGES)[own]);
  const pieces = [OOPS[own], `${declarations.join("\n")}\n`, shown];
  if (declarations.length === 0) pieces.splice(1, 1);
  const states = things.flatMap(({ made }) => THINGS[made]!.tells?.[own] ?? []);
  pieces.push(say(language, states));
  if (/\bheard\b/.test(functions)) pieces.push(heard(language, states));
  if (/\bCountdown\b/.test(functions)) pieces.push(COUNTDOWN[language]);
  return pieces.join(python ? "\n\n" : "\n");
}
