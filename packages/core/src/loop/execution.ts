import type { Task } from "../task/task.ts";
import type { Context } from "./context.ts";
import type { EventLoop } from "./event-loop.ts";

/** What is being executed right now. One object for the realm: the loop whose turn it is, the task being stepped. */
export interface Execution {
  loop: EventLoop | null;
  task: Task<any> | null;
  /** Undefined stands for an empty context that nobody has written to. */
  context: Context | undefined;
  /** How many coroutines are nested on the JavaScript stack. */
  depth: number;
  /** Set when the stack is left only to make room: nobody waits, the innermost frame goes on at once. */
  restart: boolean;
  /** The item that an async generator hands over together with EMIT. */
  item: unknown;
  /** What the item comes from when it is handed on by `yield*`. */
  delegate: unknown;
}

export const exec: Execution = {
  loop: null,
  task: null,
  context: undefined,
  depth: 0,
  restart: false,
  item: undefined,
  delegate: undefined,
};
