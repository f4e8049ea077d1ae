import type { GeneratorCoroutine } from "../coroutine/generator-coroutine.ts";
import type { Task } from "../task/task.ts";
import type { Context } from "./context.ts";
import type { EventLoop } from "./event-loop.ts";

/** What is being executed right now: the loop whose turn it is, the task being stepped. */
class Execution {
  loop: EventLoop | null = null;
  task: Task<any> | null = null;
  /** Undefined stands for an empty context that nobody has written to. */
  context: Context | undefined = undefined;
  /** How many coroutines are nested on the JavaScript stack. */
  depth = 0;
  /** Set when the stack is left only to make room: nobody waits, the innermost frame goes on at once. */
  restart = false;
  /** The frames left behind while the JavaScript stack unwinds: a chain from callee to caller. Empty whenever user code runs. */
  innermost: GeneratorCoroutine<any> | null = null;
  outermost: GeneratorCoroutine<any> | null = null;
  /** The coroutine that was made last, unless the turn has ended since. */
  newest: GeneratorCoroutine<any> | null = null;
  /** The item that an async generator hands over together with EMIT. */
  item: unknown = undefined;
  /** What the item comes from when it is handed on by `yield*`. */
  delegate: unknown = undefined;
}

/** One object for the realm. */
// oxlint-disable-next-line import/no-mutable-exports -- it must be young, see below
export let exec: Execution = new Execution();

/**
 * Another object in its place, with the same in it: at each turn, so that it is young. Each step puts its task into it, each
 * coroutine comes into it, and V8 takes note of every young object that is put into an old one: a tenth of what a step costs.
 */
export function renewExecution(): void {
  const before = exec;
  exec = new Execution();
  exec.loop = before.loop;
  exec.task = before.task;
  exec.context = before.context;
  exec.depth = before.depth;
  exec.restart = before.restart;
  exec.innermost = before.innermost;
  exec.outermost = before.outermost;
  exec.newest = before.newest;
  exec.item = before.item;
  exec.delegate = before.delegate;
}
